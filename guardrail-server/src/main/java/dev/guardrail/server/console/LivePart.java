package dev.guardrail.server.console;

import io.micronaut.http.HttpParameters;
import java.util.Optional;
import java.util.function.Supplier;

/// Something on pages that is kept up to date. Every bean of this type is asked, for everybody who looks.
@FunctionalInterface
public interface LivePart {
    /// @param query of the address that the page's `data-events` names
    /// @return empty where that page has no such part
    Optional<Part> of(Visit visit, HttpParameters query);

    /// The part as it stands.
    ///
    /// @param name in `data-live` of the element whose content it is
    /// @param signature another one where the content is another; it holds no time that merely passes
    /// @param markup from a template
    record Part(String name, String signature, Supplier<byte[]> markup) {}
}
