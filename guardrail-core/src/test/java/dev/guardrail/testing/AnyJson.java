package dev.guardrail.testing;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonBoolean;
import dev.guardrail.base.JsonNull;
import dev.guardrail.base.JsonNumber;
import dev.guardrail.base.JsonObject;
import dev.guardrail.base.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.SplittableRandom;

/// Seeded JSON values of every kind: nested, with odd texts and with numbers at the edges.
public final class AnyJson {
    private static final int[] POINTS = {
        0, 1, 8, 9, 10, 12, 13, 0x1F, ' ', '"', '\\', '/', 'a', 0x7F, 0x80, 0x7FF, 0x800, 0x2028, 0xD7FF, 0xE000,
        0xFB33, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF
    };

    private final SplittableRandom random;

    public AnyJson(long seed) {
        random = new SplittableRandom(seed);
    }

    public Json value() {
        return value(4);
    }

    private Json value(int depth) {
        return switch (random.nextInt(depth == 0 ? 4 : 7)) {
            case 0 -> new JsonText(text());
            case 1 -> number();
            case 2 -> JsonBoolean.of(random.nextBoolean());
            case 3 -> JsonNull.NULL;
            case 4 -> array(depth);
            default -> object(depth);
        };
    }

    private JsonArray array(int depth) {
        var items = new ArrayList<Json>();
        for (int i = random.nextInt(5); i > 0; i--) items.add(value(depth - 1));
        return new JsonArray(items);
    }

    private JsonObject object(int depth) {
        var members = new LinkedHashMap<String, Json>();
        for (int i = random.nextInt(6); i > 0; i--) members.put(text(), value(depth - 1));
        return new JsonObject(members);
    }

    /// @return well-formed text of up to 11 code points
    public String text() {
        var text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.appendCodePoint(
                    random.nextBoolean() ? POINTS[random.nextInt(POINTS.length)] : random.nextInt(' ', 0x7F));
        }
        return text.toString();
    }

    private JsonNumber number() {
        return switch (random.nextInt(5)) {
            case 0 -> JsonNumber.of(random.nextLong());
            case 1 -> JsonNumber.of(random.nextLong(-1000, 1000));
            case 2 -> JsonNumber.of(anyDouble());
            case 3 -> new JsonNumber(random.nextInt(1000) + ".50");
            default -> new JsonNumber("-" + random.nextInt(10) + "E+" + random.nextInt(20));
        };
    }

    /// @return finite, of any magnitude
    public double anyDouble() {
        while (true) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) return value;
        }
    }
}
