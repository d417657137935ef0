package dev.guardrail.server.runner.bwrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.guardrail.server.runner.bwrap.BpfAssembler.Label;
import org.junit.jupiter.api.Test;

/// What does not fit the form of a program is refused before any kernel sees it.
class BpfAssemblerSpec {

    @Test
    void a_jump_leads_as_far_as_it_is_written() {
        for (int far : new int[] {0, 1, 254, 255}) {
            var label = new Label();
            var program = new BpfAssembler().load(0).ifEqual(7, label);
            for (int i = 0; i < far; i++) program.give(1);
            byte[] bytes = program.at(label).give(2).assemble();
            assertEquals(2, new BpfInterpreter(bytes).run(0, 7));
            assertEquals(far == 0 ? 2 : 1, new BpfInterpreter(bytes).run(0, 8));
        }
    }

    @Test
    void a_jump_that_is_too_far_is_refused() {
        var label = new Label();
        var program = new BpfAssembler().load(0).ifEqual(7, label);
        for (int i = 0; i < 256; i++) program.give(1);
        assertThrows(IllegalStateException.class, program.at(label).give(2)::assemble);
    }

    @Test
    void a_jump_backwards_or_nowhere_is_refused() {
        var back = new Label();
        assertThrows(
                IllegalStateException.class,
                new BpfAssembler().at(back).load(0).ifEqual(7, back).give(1)::assemble);
        assertThrows(
                IllegalStateException.class,
                new BpfAssembler().load(0).ifEqual(7, new Label()).give(1)::assemble);
        var end = new Label();
        assertThrows(
                IllegalStateException.class,
                new BpfAssembler().load(0).ifEqual(7, end).give(1).at(end)::assemble);
    }

    @Test
    void a_program_ends_and_is_no_longer_than_the_kernel_takes() {
        assertThrows(IllegalStateException.class, new BpfAssembler()::assemble);
        assertThrows(IllegalStateException.class, new BpfAssembler().load(0)::assemble);
        var longest = new BpfAssembler();
        for (int i = 0; i < BpfAssembler.MOST; i++) longest.give(1);
        assertEquals(BpfAssembler.MOST * 8, longest.assemble().length);
        assertThrows(IllegalStateException.class, longest.give(1)::assemble);
    }

    @Test
    void a_label_is_set_once() {
        var label = new Label();
        var program = new BpfAssembler().at(label).load(0);
        assertThrows(IllegalStateException.class, () -> program.at(label));
    }
}
