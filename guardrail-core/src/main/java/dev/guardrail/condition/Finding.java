package dev.guardrail.condition;

/// Something wrong with a condition, found when it was compiled.
///
/// @param code `syntax`, `unknown-name`, `undefined-field`, `wrong-type`, `pattern`, `directory`, `not-built`,
///     `too-long`, `unknown-schema` or `not-checked`
/// @param line within the source text, from 0
/// @param column within the line in code points, from 0
/// @param message one lower-case sentence with the author's text in backticks
public record Finding(Severity severity, String code, int line, int column, String message) {

    /// Whether the condition can be used all the same.
    public enum Severity {
        ERROR,
        WARNING
    }

    static Finding error(String code, int line, int column, String message) {
        return new Finding(Severity.ERROR, code, line, column, message);
    }

    static Finding warning(String code, int line, int column, String message) {
        return new Finding(Severity.WARNING, code, line, column, message);
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }
}
