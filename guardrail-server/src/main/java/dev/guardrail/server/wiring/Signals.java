package dev.guardrail.server.wiring;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Signals of the operating system. The JDK has no public class for them but one in `jdk.unsupported`, which may be
/// missing.
public final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    /// Runs this at each such signal from now on, on a thread of its own, instead of what was run before.
    ///
    /// @param name without `SIG`: `HUP`, `TERM`, `INT`
    /// @return false where signals are not listened to here; the JVM then does as it always does
    public static boolean on(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object handling = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle"))
                            Thread.ofVirtual().name("guardrail-signal").start(action);
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), handling);
            return true;
        } catch (ReflectiveOperationException | IllegalArgumentException unsupported) {
            String why = unsupported instanceof InvocationTargetException wrapped
                    ? String.valueOf(wrapped.getCause())
                    : unsupported.getClass().getSimpleName();
            LOG.info("SIG{} is not listened to here: {}", name, why);
            return false;
        }
    }
}
