package dev.guardrail.base;

import dev.guardrail.testing.ForeignJson;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What must hold of the strict parser and both writers, whatever the bytes: a value or a refusal, and a value that
/// another parser sees alike, that survives being written, and that no limit forbids.
///
/// @param parser the one to judge; a test plants wrong ones
record JsonOracle(Parser parser) {
    private static final StrictJson.Limits NARROW = new StrictJson.Limits(512, 5, 12, 12, 4);

    /// How refusals begin that do not say that the bytes are no JSON.
    private static final List<String> STRICTER = List.of(
            "the json has ",
            "more than ",
            "an object has more ",
            "a member name stands twice ",
            "a member name has more ",
            "a number has more ",
            "the number `",
            "a lone surrogate ");

    /// A reading of bytes under limits.
    interface Parser {
        Json parse(byte[] bytes, StrictJson.Limits limits);
    }

    JsonOracle() {
        this(StrictJson::parse);
    }

    /// @throws AssertionError where something does not hold
    void judge(byte[] input) {
        Optional<Json> judged = read(input, StrictJson.Limits.DEFAULT);
        judged.ifPresent(json -> accepted(input, json));
        Optional<Json> narrow = read(input, NARROW);
        narrow.ifPresent(json -> {
            require(judged.equals(narrow), "narrow limits read something else");
            require(fits(json, 0), "a limit lets through what it forbids");
        });
        Optional<Json> answer = read(input, StrictJson.Limits.DEFAULT.forAnswers());
        require(judged.isEmpty() || judged.equals(answer), "an answer is read otherwise than a question");
        answer.ifPresent(json -> survives(input, json, StrictJson.Limits.DEFAULT.forAnswers()));
    }

    private Optional<Json> read(byte[] input, StrictJson.Limits limits) {
        try {
            return Optional.of(parser.parse(input, limits));
        } catch (MalformedJson refused) {
            String why = String.valueOf(refused.getMessage());
            require(why.length() <= 200 && why.lines().count() == 1, "the refusal is not one short line");
            boolean stricter = STRICTER.stream().anyMatch(why::startsWith);
            require(stricter || ForeignJson.lenient(input).isEmpty(), "refused as no json: " + why);
            return Optional.empty();
        }
    }

    private void accepted(byte[] input, Json json) {
        require(ForeignJson.strict(input).equals(Optional.of(json)), "another parser reads something else");
        survives(input, json, StrictJson.Limits.DEFAULT);
        numbers(json);
        byte[] canonical = CanonicalJson.bytes(json);
        require(canonical.length <= 16L * input.length, "the canonical bytes outgrow the input");
        Json again = parser.parse(canonical, StrictJson.Limits.DEFAULT);
        require(Arrays.equals(CanonicalJson.bytes(again), canonical), "the canonical bytes are no fixed point");
        require(same(json, again), "the canonical bytes mean something else");
    }

    /// Nothing that is written needs more bytes than what was read, but for a replaced surrogate, which needs fewer.
    private void survives(byte[] input, Json json, StrictJson.Limits limits) {
        byte[] written = JsonWriter.bytes(json);
        require(written.length <= input.length, "written, it outgrows the input");
        require(parser.parse(written, limits).equals(json), "written and read again, it is another");
    }

    private static void numbers(Json json) {
        switch (json) {
            case JsonObject object -> object.members().values().forEach(JsonOracle::numbers);
            case JsonArray array -> array.items().forEach(JsonOracle::numbers);
            case JsonNumber number -> exact(number);
            case JsonText text ->
                require(text.value().codePoints().noneMatch(point -> point >= 0xD800 && point < 0xE000), "surrogate");
            case JsonBoolean bool -> {}
            case JsonNull none -> {}
        }
    }

    /// Every reader takes the number for the same value: it is an int64, or the double that it is nearest to.
    private static void exact(JsonNumber number) {
        var decimal = new BigDecimal(number.literal());
        OptionalLong whole = number.exactLong();
        require(whole.isEmpty() || decimal.compareTo(BigDecimal.valueOf(whole.getAsLong())) == 0, "another integer");
        boolean isLong = number.isInteger() && whole.isPresent();
        var shortest = new BigDecimal(Double.toString(number.asDouble()));
        require(number.isExact(), "a question holds a number that is not exact");
        require(isLong || decimal.compareTo(shortest) == 0 || tiny(number), "a double reads another value");
    }

    /// Of the smallest doubles the JDK writes one digit more than are needed.
    private static boolean tiny(JsonNumber number) {
        return Math.abs(number.asDouble()) < 1e-321;
    }

    /// Equal but for how numbers are written and where members stand.
    private static boolean same(Json one, Json other) {
        return switch (one) {
            case JsonObject object ->
                other instanceof JsonObject that
                        && object.members().keySet().equals(that.members().keySet())
                        && object.members().entrySet().stream()
                                .allMatch(member -> same(
                                        member.getValue(),
                                        that.get(member.getKey()).orElseThrow()));
            case JsonArray array -> other instanceof JsonArray that && sameItems(array, that);
            case JsonNumber number ->
                other instanceof JsonNumber that
                        && new BigDecimal(number.literal()).compareTo(new BigDecimal(that.literal())) == 0;
            case JsonText text -> text.equals(other);
            case JsonBoolean bool -> bool.equals(other);
            case JsonNull none -> none.equals(other);
        };
    }

    private static boolean sameItems(JsonArray one, JsonArray other) {
        if (one.items().size() != other.items().size()) return false;
        for (int i = 0; i < one.items().size(); i++)
            if (!same(one.items().get(i), other.items().get(i))) return false;
        return true;
    }

    private static boolean fits(Json json, int depth) {
        return switch (json) {
            case JsonObject object ->
                depth < NARROW.depth()
                        && object.members().size() <= NARROW.members()
                        && object.members().keySet().stream().allMatch(name -> name.length() <= NARROW.name())
                        && object.members().values().stream().allMatch(value -> fits(value, depth + 1));
            case JsonArray array ->
                depth < NARROW.depth() && array.items().stream().allMatch(item -> fits(item, depth + 1));
            case JsonNumber number -> number.literal().length() <= NARROW.number();
            case JsonText text -> true;
            case JsonBoolean bool -> true;
            case JsonNull none -> true;
        };
    }

    private static void require(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }
}
