package dev.guardrail.sandbox;

import java.io.InputStream;
import java.io.OutputStream;

/// Where a command reads from and writes to. They are not closed.
public record Streams(InputStream input, OutputStream output, OutputStream errors) {}
