package dev.guardrail.server.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostMessageSpec {
    private static final String PING = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";

    private static HostMessage read(String line) {
        return HostMessage.read(line.getBytes(UTF_8));
    }

    private static int code(HostMessage message) {
        return assertInstanceOf(HostMessage.Malformed.class, message).code();
    }

    @Test
    void requests_notifications_and_responses_are_told_apart() {
        assertInstanceOf(HostMessage.Request.class, read(PING));
        assertInstanceOf(HostMessage.Request.class, read(PING + "\r"));
        assertInstanceOf(HostMessage.Notification.class, read("{\"jsonrpc\":\"2.0\",\"method\":\"n\"}"));
        assertInstanceOf(HostMessage.Response.class, read("{\"jsonrpc\":\"2.0\",\"id\":\"s\",\"result\":{}}"));
    }

    @Test
    void what_is_no_json_is_a_parse_error() {
        assertEquals(-32700, code(read("\uFEFF" + PING)), "a byte order mark");
        assertEquals(-32700, code(read(PING + "\r" + PING)), "two messages on a line");
        assertEquals(-32700, code(read(PING + "\u0085" + PING)));
        assertEquals(-32700, code(read(PING + "\u2028" + PING)));
        assertEquals(-32700, code(read("")));
        assertEquals(-32700, code(HostMessage.read(new byte[] {'"', (byte) 0xC3, '"'})), "half a character");
        assertEquals(-32700, code(HostMessage.read(new byte[] {'"', (byte) 0xC0, (byte) 0x8A, '"'})), "overlong");
        assertEquals(-32700, code(HostMessage.read(new byte[] {'"', (byte) 0xFF, '"'})));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[" + PING + "]",
                "1",
                "null",
                "{\"id\":1,\"method\":\"ping\"}",
                "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]}",
                "{\"jsonrpc\":\"2.0\",\"id\":1}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{},\"error\":{}}",
                "{\"jsonrpc\":\"2.0\",\"result\":{}}"
            })
    void what_is_no_message_is_refused(String line) {
        assertEquals(-32600, code(read(line)));
    }
}
