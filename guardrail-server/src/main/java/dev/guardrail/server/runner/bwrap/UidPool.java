package dev.guardrail.server.runner.bwrap;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Users that nobody is, each for one sandbox at a time: a link in a directory says who has which.
record UidPool(Path directory) {
    /// Far above those of people and of services.
    static final int FIRST = 1_879_048_192;

    private static final int SIZE = 4_096;

    /// Takes one that is free. A crash leaves it taken, until [#release] by the same id.
    ///
    /// @param token a file of the sandbox, whose content is its id
    /// @throws IOException where all are taken
    Account claim(Path token) throws IOException {
        for (int i = 0; i < SIZE; i++) {
            try {
                Files.createLink(directory.resolve(Integer.toString(FIRST + i)), token);
                return new Account(FIRST + i, FIRST + i, true);
            } catch (FileAlreadyExistsException taken) {
                continue;
            }
        }
        throw new IOException("all " + SIZE + " users of sandboxes are taken");
    }

    /// Gives back what the sandbox has, if anything.
    void release(String id) throws IOException {
        try (Stream<Path> taken = Files.list(directory)) {
            for (Path user : taken.toList()) if (Files.readString(user).equals(id)) Files.deleteIfExists(user);
        }
    }
}
