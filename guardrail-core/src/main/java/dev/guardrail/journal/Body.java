package dev.guardrail.journal;

/// Something that an entry commits to but does not hold: arguments, a result, a reason. Sealed before it reaches a
/// store.
///
/// @param id `call_…/arguments` and the like
/// @param sealed encrypted salt and bytes ([BodySeal]); the store sees nothing else of it
public record Body(String id, byte[] sealed) {}
