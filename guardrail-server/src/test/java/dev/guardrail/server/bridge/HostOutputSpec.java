package dev.guardrail.server.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.guardrail.base.JsonObject;
import dev.guardrail.base.StrictJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class HostOutputSpec {
    private static JsonObject message(String json) {
        return (JsonObject) StrictJson.parse(json.getBytes(UTF_8), StrictJson.Limits.DEFAULT.forAnswers());
    }

    @Test
    void a_message_is_one_line_in_its_order_with_its_numbers() {
        var out = new ByteArrayOutputStream();
        new HostOutput(out, () -> {}).write(message("{\n \"b\": 1.0,\r\n \"a\": [1e400, \"x\\ny\"]\n}"));
        assertEquals("{\"b\":1.0,\"a\":[1e400,\"x\\ny\"]}\n", out.toString(UTF_8));
    }

    @Test
    void nothing_in_a_text_looks_like_the_end_of_a_line() {
        var out = new ByteArrayOutputStream();
        var message = message("{\"\u2028k\":\"a\u0085b\u2028\u2029\u2028c ü € 😀 \u0084\u2027\u202A\"}");
        new HostOutput(out, () -> {}).write(message);
        String line = out.toString(UTF_8);
        assertEquals("{\"\\u2028k\":\"a\\u0085b\\u2028\\u2029\\u2028c ü € 😀 \u0084\u2027\u202A\"}\n", line);
        assertEquals(message, message(line), "it means the same");
    }

    @Test
    void a_host_that_reads_no_more_is_noticed() {
        var gone = new AtomicBoolean();
        var closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("broken pipe");
            }
        };
        new HostOutput(closed, () -> gone.set(true)).write(JsonObject.EMPTY);
        assertTrue(gone.get());
    }
}
