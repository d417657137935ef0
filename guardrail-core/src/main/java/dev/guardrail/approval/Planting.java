package dev.guardrail.approval;

/// What came of planting a canary.
public sealed interface Planting {

    /// It waits for people.
    record Planted(Canary canary) implements Planting {}

    /// None was planted.
    ///
    /// @param why one lower-case sentence for an administrator
    record Refused(String why) implements Planting {}
}
