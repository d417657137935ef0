package dev.guardrail.base;

/// A JSON value as it was judged: member order and number literals are kept, so what is forwarded
/// can be re-serialised from it (law judgedIsForwarded). Values are immutable.
public sealed interface Json permits JsonObject, JsonArray, JsonText, JsonNumber, JsonBoolean, JsonNull {}
