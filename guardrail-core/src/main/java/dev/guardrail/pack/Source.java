package dev.guardrail.pack;

import java.util.List;

/// One file's text under the name that findings give it.
///
/// @param name path as the operator wrote it
public record Source(String name, String text) {

    /// Its lines without their ends.
    List<String> lines() {
        return List.of(text.split("\r\n|\r|\n", -1));
    }
}
