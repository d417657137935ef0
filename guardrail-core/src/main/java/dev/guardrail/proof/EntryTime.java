package dev.guardrail.proof;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.OptionalLong;

/// Times as entries write them: RFC 3339 in UTC, years 0000 to 9999, with milliseconds only where they are not zero.
final class EntryTime {
    private static final String PATTERN = "dddd-dd-ddTdd:dd:dd";
    private static final int SECONDS_END = PATTERN.length();
    private static final int MILLIS_END = SECONDS_END + 4;

    private EntryTime() {}

    /// @return milliseconds since 1970; empty where the text has not this one form
    static OptionalLong millis(String text) {
        boolean whole = text.length() == SECONDS_END + 1;
        boolean fine = text.length() == MILLIS_END + 1 && text.charAt(SECONDS_END) == '.';
        if (!whole && !fine || text.charAt(text.length() - 1) != 'Z' || !hasDigits(text)) return OptionalLong.empty();
        int millis = fine ? number(text, SECONDS_END + 1, MILLIS_END) : 0;
        int hour = number(text, 11, 13);
        int minute = number(text, 14, 16);
        int second = number(text, 17, 19);
        if (fine && millis <= 0 || hour > 23 || minute > 59 || second > 59) return OptionalLong.empty();
        try {
            long day = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10))
                    .toEpochDay();
            return OptionalLong.of(((day * 24 + hour) * 60 + minute) * 60_000 + second * 1_000L + millis);
        } catch (DateTimeException noSuchDay) {
            return OptionalLong.empty();
        }
    }

    private static boolean hasDigits(String text) {
        for (int i = 0; i < SECONDS_END; i++) {
            char wanted = PATTERN.charAt(i);
            if (wanted == 'd' ? !isDigit(text.charAt(i)) : text.charAt(i) != wanted) return false;
        }
        return true;
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    /// @return -1 where there is something else than digits
    private static int number(String text, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            if (!isDigit(text.charAt(i))) return -1;
            value = value * 10 + text.charAt(i) - '0';
        }
        return value;
    }
}
