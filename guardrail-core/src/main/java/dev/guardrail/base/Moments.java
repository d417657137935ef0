package dev.guardrail.base;

import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;

/// Reads points in time as [Instant#toString] writes them, without the formatter that a young process is slow in: a
/// boot
/// reads tens of thousands of them.
public final class Moments {
    /// Length of a time to the second, such as `2026-11-29T12:43:05Z`.
    private static final int TO_THE_SECOND = 20;

    /// The same to the millisecond.
    private static final int TO_THE_MILLISECOND = 24;

    private Moments() {}

    /// @throws java.time.format.DateTimeParseException where it is no such text
    public static Instant parse(String text) {
        boolean millis = text.length() == TO_THE_MILLISECOND && text.charAt(19) == '.';
        boolean plain = (millis || text.length() == TO_THE_SECOND)
                && text.charAt(4) == '-'
                && text.charAt(7) == '-'
                && text.charAt(10) == 'T'
                && text.charAt(13) == ':'
                && text.charAt(16) == ':'
                && text.charAt(text.length() - 1) == 'Z';
        if (!plain) return Instant.parse(text);
        int year = number(text, 0, 4);
        int month = number(text, 5, 7);
        int day = number(text, 8, 10);
        int hour = number(text, 11, 13);
        int minute = number(text, 14, 16);
        int second = number(text, 17, 19);
        int milli = millis ? number(text, 20, 23) : 0;
        // Whatever is not plainly right is the formatter's to judge: leap seconds, the 31st of a shorter month, signs.
        boolean date = year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= lastDay(year, month);
        boolean time = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60 && milli >= 0;
        if (!date || !time) return Instant.parse(text);
        long seconds = LocalDate.of(year, month, day).toEpochDay() * 86_400L + hour * 3_600L + minute * 60L + second;
        return Instant.ofEpochSecond(seconds, milli * 1_000_000L);
    }

    private static int lastDay(int year, int month) {
        return YearMonth.of(year, month).lengthOfMonth();
    }

    /// @return less than 0 where a place holds no digit
    private static int number(String text, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) return Integer.MIN_VALUE;
            number = number * 10 + digit;
        }
        return number;
    }
}
