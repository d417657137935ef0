package dev.guardrail.server.runner.sql;

import java.util.List;
import java.util.Random;

/// Statements as agents write them, of which some fail.
final class Sentences {
    private static final List<String> ITEMS = List.of("bolt", "nut", "x''y", "", "Schräge", "a/b", "naïve 🔩", "%");

    private final Random random;
    private final boolean sqlite;

    Sentences(Random random, boolean sqlite) {
        this.random = random;
        this.sqlite = sqlite;
    }

    String next() {
        return switch (random.nextInt(12)) {
            case 0, 1 -> "INSERT INTO orders (id, item, qty, price, paid, raw) VALUES " + rows();
            case 2 -> "INSERT INTO orders (item, qty) VALUES (" + item() + ", " + number() + ")";
            case 3 -> "INSERT INTO orders (item) VALUES (" + item() + "), (upper(" + item() + "))";
            case 4 -> "UPDATE orders SET qty = qty * 2 + " + number() + ", item = item || " + item() + where();
            case 5 -> "UPDATE orders AS o SET price = " + real() + ", paid = NULL, raw = " + raw() + where();
            case 6 -> "UPDATE orders SET item = " + item() + ", note = CURRENT_TIMESTAMP" + where();
            case 7 -> "DELETE FROM orders" + where();
            case 8 ->
                "INSERT INTO stock (shelf, bin, place, item) VALUES ('" + "abc".charAt(random.nextInt(3)) + "', "
                        + number() + ", " + number() + ", " + item() + ")";
            case 9 -> "UPDATE stock SET place = place + " + number() + " WHERE bin = " + number();
            case 10 -> "DELETE FROM stock WHERE shelf = 'a' OR place > " + number();
            default ->
                "INSERT INTO orders (id, item) VALUES (" + id() + ", " + item()
                        + ") ON CONFLICT (id) DO UPDATE SET item = excluded.item, qty = " + number();
        };
    }

    private String rows() {
        var rows = new StringBuilder(row());
        for (int more = random.nextInt(3); more > 0; more--) rows.append(", ").append(row());
        return rows.toString();
    }

    private String row() {
        return "(" + id() + ", " + item() + ", " + number() + ", " + real() + ", "
                + (random.nextBoolean() ? "TRUE" : "NULL") + ", " + raw() + ")";
    }

    private String where() {
        return switch (random.nextInt(5)) {
            case 0 -> " WHERE id = " + id();
            case 1 -> " WHERE item = " + item() + " OR qty IS NULL";
            case 2 -> " WHERE qty > " + number() + " AND id IN (" + id() + ", " + id() + ", " + id() + ")";
            case 3 -> " WHERE NOT (price < " + real() + ") AND length(item) < 6";
            default -> " WHERE id % 3 = 1";
        };
    }

    private int id() {
        return 1 + random.nextInt(15);
    }

    private int number() {
        return random.nextInt(30);
    }

    private String item() {
        return "'" + ITEMS.get(random.nextInt(ITEMS.size())) + "'";
    }

    private String real() {
        return List.of("0.1", "1e-9", "3", "123456.789", "0.30000000000000004", "1e15")
                .get(random.nextInt(6));
    }

    private String raw() {
        if (random.nextBoolean()) return "NULL";
        int bytes = 16 + random.nextInt(240);
        return sqlite ? "X'00" + Integer.toHexString(bytes) + "'" : "'raw" + bytes + "'";
    }
}
