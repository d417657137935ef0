package dev.guardrail.server.runner.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import dev.guardrail.undo.ExactText;
import java.util.Base64;
import java.util.Optional;

/// Values of columns as JSON, exactly: NULL, booleans and int64 as they are; a text where it can be one; and the rest
/// as an object whose one member tells the type: `real` (its shortest decimal form), `text` and `blob` (Base64).
final class Cells {
    static final String REAL = "real";
    static final String TEXT = "text";
    static final String BLOB = "blob";

    private Cells() {}

    static Json real(double value) {
        return tagged(REAL, Double.toString(value));
    }

    static Json blob(byte[] bytes) {
        return tagged(BLOB, Base64.getEncoder().encodeToString(bytes));
    }

    /// @param bytes in UTF-8, or whatever the database holds instead
    static Json text(byte[] bytes) {
        return ExactText.of(bytes)
                .<Json>map(JsonText::new)
                .orElseGet(() -> tagged(TEXT, Base64.getEncoder().encodeToString(bytes)));
    }

    private static Json tagged(String type, String value) {
        return JsonObject.with(type, value).build();
    }

    /// @return the bytes of a text, also of one that can be none; empty for anything else
    static Optional<byte[]> textBytes(Json cell) {
        if (cell instanceof JsonText(String text)) return Optional.of(text.getBytes(UTF_8));
        return member(cell, TEXT).map(Base64.getDecoder()::decode);
    }

    static Optional<byte[]> blobBytes(Json cell) {
        return member(cell, BLOB).map(Base64.getDecoder()::decode);
    }

    static Optional<Double> realValue(Json cell) {
        return member(cell, REAL).map(Double::valueOf);
    }

    private static Optional<String> member(Json cell, String name) {
        return cell instanceof JsonObject object && object.members().size() == 1 ? object.text(name) : Optional.empty();
    }
}
