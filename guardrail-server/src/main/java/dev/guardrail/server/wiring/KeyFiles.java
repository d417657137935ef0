package dev.guardrail.server.wiring;

import dev.guardrail.journal.AesSeal;
import dev.guardrail.journal.Heads;
import dev.guardrail.proof.Ed25519Signer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// The guard's own keys: `body.key` seals bodies, `log.key` signs the log, `log.name` names it. Made at the first
/// start,
/// mode 0600.
public final class KeyFiles {
    private static final String BODY = "body.key";
    private static final String LOG = "log.key";
    private static final String NAME = "log.name";
    private static final String HEAD = "log.head";

    /// What a key is called until the log names it.
    private static final String NEXT = ".next";

    private final Path directory;
    private final Path signingKey;
    private final SecureRandom random;

    /// @param signingKey where the log's key lies; in the directory where empty
    public KeyFiles(Path directory, Optional<Path> signingKey, SecureRandom random) {
        this.directory = directory;
        this.signingKey = signingKey.orElse(directory.resolve(LOG));
        this.random = random;
    }

    /// The 32 bytes that bodies are sealed with.
    ///
    /// @param fresh true where no body was sealed yet, so that a key may be made
    public byte[] bodyKey(boolean fresh) throws IOException, InvalidConfiguration {
        Path file = directory.resolve(BODY);
        if (Files.notExists(file)) {
            refuseUnless(fresh, file);
            byte[] key = new byte[AesSeal.KEY_BYTES];
            random.nextBytes(key);
            write(file, HexFormat.of().formatHex(key) + "\n");
        }
        trust(file);
        try {
            byte[] key = HexFormat.of().parseHex(Files.readString(file).strip());
            if (key.length == AesSeal.KEY_BYTES) return key;
        } catch (IllegalArgumentException malformed) {
            // told below without its message, which may quote the key
        }
        throw InvalidConfiguration.of(file.toString(), "this is not a key of 64 hex digits; restore it from a backup");
    }

    /// The key that signs a log which names none yet.
    ///
    /// @param fresh true where nothing was signed yet, so that a key may be made
    public Ed25519Signer signer(boolean fresh) throws IOException, InvalidConfiguration {
        Path nameFile = directory.resolve(NAME);
        if (Files.notExists(nameFile)) {
            refuseUnless(fresh, nameFile);
            byte[] unique = new byte[8];
            random.nextBytes(unique);
            write(nameFile, "guardrail/" + HexFormat.of().formatHex(unique) + "\n");
        }
        if (Files.notExists(signingKey)) {
            refuseUnless(fresh, signingKey);
            write(
                    signingKey,
                    Ed25519Signer.generate(Files.readString(nameFile).strip(), random)
                            .pem());
        }
        return read(nameFile, signingKey);
    }

    /// The key that the log names. Where a change of keys was interrupted after the log named the new one, it is
    /// brought to its end.
    public Ed25519Signer signer(String vkey) throws IOException, InvalidConfiguration {
        if (present().filter(key -> key.verifier().vkey().equals(vkey)).isPresent())
            return present().orElseThrow();
        for (Path name : List.of(directory.resolve(NAME), next(directory.resolve(NAME)))) {
            for (Path key : List.of(signingKey, next(signingKey))) {
                boolean complete = Files.exists(name) && Files.exists(key);
                if (!complete || !read(name, key).verifier().vkey().equals(vkey)) continue;
                promote(name, key);
                return read(directory.resolve(NAME), signingKey);
            }
        }
        throw InvalidConfiguration.of(
                signingKey.toString(), "the log's key is `" + vkey + "` and it is not here; put its file back");
    }

    /// The key as it lies here; empty where there is none.
    public Optional<Ed25519Signer> present() throws IOException, InvalidConfiguration {
        Path name = directory.resolve(NAME);
        return Files.exists(name) && Files.exists(signingKey) ? Optional.of(read(name, signingKey)) : Optional.empty();
    }

    /// Makes a new key beside the present one. Nothing uses it until the log names it and [#signer] is asked for it.
    public Ed25519Signer prepare(String name) throws IOException {
        var fresh = Ed25519Signer.generate(name, random);
        write(next(directory.resolve(NAME)), name + "\n");
        write(next(signingKey), fresh.pem());
        return fresh;
    }

    /// Each move is whole; between them the next start finds the pair again.
    private void promote(Path name, Path key) throws IOException {
        if (!key.equals(signingKey)) Files.move(key, signingKey, StandardCopyOption.ATOMIC_MOVE);
        if (!name.equals(directory.resolve(NAME)))
            Files.move(name, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
    }

    private static Path next(Path file) {
        return file.resolveSibling(file.getFileName() + NEXT);
    }

    private static Ed25519Signer read(Path name, Path key) throws IOException, InvalidConfiguration {
        trust(key);
        try {
            return Ed25519Signer.parsePem(Files.readString(name).strip(), Files.readString(key));
        } catch (dev.guardrail.proof.MalformedProof malformed) {
            throw InvalidConfiguration.of(key.toString(), String.valueOf(malformed.getMessage()));
        }
    }

    /// Where the head signed last is kept beside the store.
    public Heads heads() {
        return new FileHeads(directory.resolve(HEAD));
    }

    private static void refuseUnless(boolean fresh, Path file) throws InvalidConfiguration {
        if (!fresh)
            throw InvalidConfiguration.of(
                    file.toString(), "the journal was written with this key and it is gone; restore it from a backup");
    }

    private static void trust(Path file) throws InvalidConfiguration {
        Optional<String> fault = FileTrust.fault(file);
        if (fault.isPresent()) throw InvalidConfiguration.of(file.toString(), fault.get());
    }

    /// Whole or not at all, and durable: a crash before the move leaves no key, and no entry that needs it.
    static void write(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, attributes(file));
        try (var channel = java.nio.channels.FileChannel.open(fresh, java.nio.file.StandardOpenOption.WRITE)) {
            var bytes = java.nio.ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) channel.write(bytes);
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) return;
        try (var directory = java.nio.channels.FileChannel.open(parent, java.nio.file.StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private static FileAttribute<?>[] attributes(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
