package dev.guardrail.server.console.policies;

import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import java.util.List;

/// The policies in force.
///
/// @param version digest of everything that they say
/// @param rules how many there are
/// @param looked decisions that were looked at for what rules decided
/// @param refused why the last reading was refused; empty where it was not
/// @param findings what is odd with those in force
public record PoliciesPage(
        String version,
        int rules,
        int looked,
        List<Problem> refused,
        List<Problem> findings,
        List<Block> layers,
        List<SourceFile> files,
        List<Version> versions) {
    public PoliciesPage {
        refused = List.copyOf(refused);
        findings = List.copyOf(findings);
        layers = List.copyOf(layers);
        files = List.copyOf(files);
        versions = List.copyOf(versions);
    }

    /// What is wrong with a file.
    ///
    /// @param shown the finding with its line and a caret
    public record Problem(boolean error, List<Bit> position, List<Bit> message, String code, List<Bit> shown) {}

    /// Rules that are decided by themselves.
    public record Block(String name, boolean abstains, List<Line> rules) {}

    /// A rule.
    ///
    /// @param matches where it looks, a line each
    /// @param when its condition; empty where it has none
    /// @param agreed who must agree; empty for most
    /// @param anchor of its line in the page; empty where its file is not shown
    /// @param last when it decided last, RFC 3339; empty where it did not
    public record Line(
            String id,
            Badge effect,
            boolean shadow,
            List<String> matches,
            List<Bit> when,
            String agreed,
            List<Bit> position,
            String anchor,
            int decided,
            String last,
            String entries) {}

    /// A file that was read.
    ///
    /// @param anchor what the anchors of its lines begin with
    public record SourceFile(List<Bit> name, String anchor, List<List<Bit>> lines) {}

    /// When which version came into force.
    public record Version(String at, String digest, long rules, String entry) {}
}
