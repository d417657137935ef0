package dev.guardrail.server.runner.bwrap;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Runs a program of classic BPF on the data of a system call, as the kernel would, and refuses what the kernel would.
record BpfInterpreter(byte[] program) {
    private static final int DATA = 64;

    /// @return what the program gives
    int run(int audit, int number, long... arguments) {
        var data = ByteBuffer.allocate(DATA).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(number).putInt(audit).putLong(0);
        for (long argument : arguments) data.putLong(argument);
        var code = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        int size = program.length / 8;
        int accumulator = 0;
        for (int at = 0; at < size; at++) {
            int value = code.getInt(at * 8 + 4);
            boolean taken;
            switch (code.getShort(at * 8)) {
                case 0x20 -> {
                    if (value < 0 || value + 4 > DATA || value % 4 != 0) throw new IllegalStateException("load");
                    accumulator = data.getInt(value);
                    continue;
                }
                case 0x54 -> {
                    accumulator &= value;
                    continue;
                }
                case 0x06 -> {
                    return value;
                }
                case 0x15 -> taken = accumulator == value;
                case 0x25 -> taken = Integer.compareUnsigned(accumulator, value) > 0;
                case 0x45 -> taken = (accumulator & value) != 0;
                default -> throw new IllegalStateException("no such instruction");
            }
            at += code.get(at * 8 + (taken ? 2 : 3)) & 0xFF;
        }
        throw new IllegalStateException("the program does not end");
    }
}
