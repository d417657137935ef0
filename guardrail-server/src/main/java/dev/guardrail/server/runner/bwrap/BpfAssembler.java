package dev.guardrail.server.runner.bwrap;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// Puts together a program of classic BPF as seccomp takes it: jumps go forwards only, to a [Label], and whatever
/// does not fit the form is refused when it is assembled.
final class BpfAssembler {
    /// The kernel's limit.
    static final int MOST = 4_096;

    private static final int BYTES = 8;
    private static final int FARTHEST = 255;

    private static final int LOAD_WORD = 0x20;
    private static final int AND = 0x54;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_GREATER = 0x25;
    private static final int JUMP_IF_ANY_BIT = 0x45;
    private static final int RETURN = 0x06;

    private final List<Instruction> instructions = new ArrayList<>();
    private final Map<Label, Integer> places = new IdentityHashMap<>();

    /// A place in the program, which is set once.
    static final class Label {}

    private record Instruction(int code, int value, Label yes, Label no) {}

    /// Loads the 32 bits at an offset of the call's data.
    BpfAssembler load(int offset) {
        return plain(LOAD_WORD, offset);
    }

    BpfAssembler and(int mask) {
        return plain(AND, mask);
    }

    BpfAssembler ifEqual(int value, Label yes) {
        return jump(JUMP_IF_EQUAL, value, yes);
    }

    /// Compares without a sign.
    BpfAssembler ifGreater(int value, Label yes) {
        return jump(JUMP_IF_GREATER, value, yes);
    }

    BpfAssembler ifAnyBit(int mask, Label yes) {
        return jump(JUMP_IF_ANY_BIT, mask, yes);
    }

    BpfAssembler give(int verdict) {
        return plain(RETURN, verdict);
    }

    /// Sets the label to what comes next.
    BpfAssembler at(Label label) {
        if (places.put(label, instructions.size()) != null) throw new IllegalStateException("a label is set twice");
        return this;
    }

    private BpfAssembler plain(int code, int value) {
        var next = new Label();
        instructions.add(new Instruction(code, value, next, next));
        return at(next);
    }

    private BpfAssembler jump(int code, int value, Label yes) {
        var next = new Label();
        instructions.add(new Instruction(code, value, yes, next));
        return at(next);
    }

    /// @throws IllegalStateException where a jump leads backwards, too far or nowhere, or the program does not end
    byte[] assemble() {
        int size = instructions.size();
        if (size == 0 || size > MOST) throw new IllegalStateException("a program has 1 to " + MOST + " instructions");
        if (instructions.getLast().code() != RETURN) throw new IllegalStateException("a program ends with a verdict");
        var bytes = ByteBuffer.allocate(size * BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < size; i++) {
            var instruction = instructions.get(i);
            bytes.putShort((short) instruction.code())
                    .put((byte) distance(i, instruction.yes()))
                    .put((byte) distance(i, instruction.no()))
                    .putInt(instruction.value());
        }
        return bytes.array();
    }

    private int distance(int from, Label to) {
        Integer place = places.get(to);
        if (place == null) throw new IllegalStateException("a jump leads nowhere");
        int distance = place - from - 1;
        boolean end = instructions.get(from).code() == RETURN;
        if (distance < 0 || distance > FARTHEST || (place >= instructions.size() && !end))
            throw new IllegalStateException("a jump of " + distance + " does not fit");
        return distance;
    }
}
