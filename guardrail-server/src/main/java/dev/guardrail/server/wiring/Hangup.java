package dev.guardrail.server.wiring;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The signal SIGHUP. The JDK has no public class for signals but one in `jdk.unsupported`, which may be missing.
final class Hangup {
    private static final Logger LOG = LoggerFactory.getLogger(Hangup.class);

    private Hangup() {}

    /// Runs this at each signal from now on, instead of what was run before.
    static void on(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object handling = Proxy.newProxyInstance(
                    Hangup.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle"))
                            Thread.ofVirtual().name("guardrail-hangup").start(action);
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), handling);
        } catch (ReflectiveOperationException | IllegalArgumentException unsupported) {
            String why = unsupported instanceof InvocationTargetException wrapped
                    ? String.valueOf(wrapped.getCause())
                    : unsupported.getClass().getSimpleName();
            LOG.info("SIGHUP is not listened to here ({}); changes of files are", why);
        }
    }
}
