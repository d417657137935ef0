package dev.guardrail.undo;

import dev.guardrail.base.JsonObject;
import dev.guardrail.call.CallId;
import dev.guardrail.call.PathFacts;
import java.io.IOException;
import java.util.List;

/// Reads a state beside the tool that changes it, and puts it back: files, rows, refs, what an address answers. It is
/// a server of the guard's own, with the tools `undo:look` and `undo:restore`, which hooks name by `by:` and nobody
/// else can call. Implementations are safe for concurrent use.
public interface Compensator extends AutoCloseable {

    /// JSON Schema (an object) of what it can be asked about: the arguments of `undo:look`, and of `undo:restore`
    /// beside `state` and `expect`.
    JsonObject target();

    /// Reads a state whole, changing nothing.
    ///
    /// @param target fits the schema
    /// @param paths of the texts in the target
    /// @throws IOException where the state could not be read
    Look look(JsonObject target, PathFacts paths) throws IOException;

    /// Reads again what [#look] read before a call, to see what the call has left: the same things, also where
    /// the target finds others by now.
    ///
    /// @param before state as [#look] gave it before the call
    /// @param left true right after the call, and false later, when it is about to be taken back
    /// @throws IOException where the state could not be read
    default Look again(JsonObject target, JsonObject before, boolean left, PathFacts paths) throws IOException {
        return look(target, paths);
    }

    /// Puts a state back, unless somebody changed what [#look] found.
    ///
    /// A crash in the middle leaves a state that is neither, or one of them; putting back again is harmless.
    ///
    /// @param state as [#look] gave it
    /// @param expect version of the state that is there now, as [#look] gave it; with any other nothing is done
    /// @param by call that puts it back: what reaches its server twice has the same, and no other call has it
    /// @throws IOException where it is not known what was done
    Restored restore(JsonObject target, JsonObject state, String expect, CallId by, PathFacts paths) throws IOException;

    @Override
    void close() throws IOException;

    /// What looking came to.
    sealed interface Look {
        /// @param state all that it takes to put it back; equal states have equal bytes. A text that can be one is a
        ///     text, so that secrets in it are found; other bytes are Base64
        /// @param version equal exactly where the state is; also of a state in which there is nothing
        /// @param touches names of what the state is about, `/` between their parts: two states are independent
        ///     where no name of the one equals a name of the other or lies below it
        record Seen(JsonObject state, String version, List<String> touches) implements Look {
            public Seen {
                touches = List.copyOf(touches);
            }
        }

        /// It cannot be taken back.
        ///
        /// @param why one lower-case clause; names that others chose stand in backquotes, and nowhere else
        record Unfit(Hindrance kind, String why) implements Look {
            /// It is of a kind that cannot be put back.
            public Unfit(String why) {
                this(Hindrance.UNFIT, why);
            }
        }
    }

    /// What putting back came to.
    sealed interface Restored {
        record Done() implements Restored {}

        /// Somebody changed it since: nothing was done.
        record Changed() implements Restored {}

        /// Nothing was done.
        ///
        /// @param why one lower-case clause
        record Refused(String why) implements Restored {}
    }
}
