package dev.guardrail.base;

/// The one parser of JSON that others wrote (RFC 8259, read strictly): one value in strict UTF-8 with nothing but
/// whitespace around it, no member name twice, no lone surrogate, and only numbers that every
/// reader understands alike ([JsonNumber]). What it accepts is judged, stored and forwarded; nothing is repaired.
///
/// Memory is bounded by the size of the input (a small multiple), the stack by [Limits#depth].
public final class StrictJson {
    private StrictJson() {}

    /// Parses under [Limits#DEFAULT].
    ///
    /// @throws MalformedJson as the other `parse`
    public static Json parse(byte[] bytes) {
        return parse(bytes, Limits.DEFAULT);
    }

    /// Parses one value under limits of the caller's.
    ///
    /// @throws MalformedJson of type [ProblemType#TOO_LARGE] where there are more bytes than allowed (nothing
    ///     was read), else of type [ProblemType#MALFORMED_CALL]; its message names the byte, counted from 0
    public static Json parse(byte[] bytes, Limits limits) {
        if (bytes.length > limits.bytes())
            throw new MalformedJson(
                    ProblemType.TOO_LARGE,
                    "the json has " + bytes.length + " bytes where " + limits.bytes() + " are allowed");
        return new JsonReader(bytes, limits).document();
    }

    /// What is refused before or while it is read.
    ///
    /// @param bytes of the whole input, checked before anything is read
    /// @param depth of nested arrays and objects, 0 to 512; a lone string has depth 0
    /// @param name longest member name, in UTF-16 code units after unescaping
    /// @param number longest number literal in characters, at most 40 (1,000 where `answers`)
    /// @param members most members of one object
    /// @param answers true for what others answer, which is passed on and not judged: any number is kept
    ///     verbatim, and a lone surrogate reads as U+FFFD, so that an answer is not lost for either
    public record Limits(int bytes, int depth, int name, int number, int members, boolean answers) {
        public static final Limits DEFAULT = new Limits(4 * 1024 * 1024, 64, 256, JsonNumber.MAX_LENGTH, 10_000);

        public Limits {
            if (bytes < 0 || depth < 0 || depth > 512 || name < 0 || number < 0 || members < 0)
                throw new IllegalArgumentException("limits are not negative, and depth is at most 512");
        }

        public Limits(int bytes, int depth, int name, int number, int members) {
            this(bytes, depth, name, number, members, false);
        }

        public Limits withBytes(int bytes) {
            return new Limits(bytes, depth, name, number, members, answers);
        }

        /// These limits for an answer of somebody else.
        public Limits forAnswers() {
            return new Limits(bytes, depth, name, JsonNumber.MAX_VERBATIM, members, true);
        }
    }
}
