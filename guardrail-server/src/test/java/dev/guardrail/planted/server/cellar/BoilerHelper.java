package dev.guardrail.planted.server.cellar;

import jakarta.inject.Inject;
import java.sql.Connection;
import org.jspecify.annotations.Nullable;

/// Planted: no such room, a name that is no noun, a package without null marks, an injected field, SQL.
final class BoilerHelper {
    @Inject
    @Nullable
    Connection connection;
}
