package dev.guardrail.server.runner.git;

import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/// What lies at one path of a work tree.
///
/// @param mode permission bits, as `chmod` takes them; 0 of a link
/// @param oid object id that the bytes would have as a blob, of a link those of its target; empty of a folder
record Item(Kind kind, int mode, String oid) {
    private static final int RUNS = 0100;

    enum Kind {
        FILE,
        LINK,
        FOLDER
    }

    static Item file(int mode, String oid) {
        return new Item(Kind.FILE, mode, oid);
    }

    static Item link(String oid) {
        return new Item(Kind.LINK, 0, oid);
    }

    static Item folder(int mode) {
        return new Item(Kind.FOLDER, mode, "");
    }

    boolean isFolder() {
        return kind == Kind.FOLDER;
    }

    /// True where git would call the file executable.
    boolean runs() {
        return kind == Kind.FILE && (mode & RUNS) != 0;
    }

    /// Mode as an index has it.
    int gitMode() {
        return kind == Kind.LINK ? Index.LINK : runs() ? Index.EXECUTABLE : Index.FILE;
    }

    static int mode(Set<PosixFilePermission> permissions) {
        int mode = 0;
        for (PosixFilePermission each : permissions) mode |= bit(each);
        return mode;
    }

    static Set<PosixFilePermission> permissions(int mode) {
        var permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (PosixFilePermission each : PosixFilePermission.values())
            if ((mode & bit(each)) != 0) permissions.add(each);
        return permissions;
    }

    private static int bit(PosixFilePermission permission) {
        return switch (permission) {
            case OWNER_READ -> 0400;
            case OWNER_WRITE -> 0200;
            case OWNER_EXECUTE -> 0100;
            case GROUP_READ -> 040;
            case GROUP_WRITE -> 020;
            case GROUP_EXECUTE -> 010;
            case OTHERS_READ -> 04;
            case OTHERS_WRITE -> 02;
            case OTHERS_EXECUTE -> 01;
        };
    }
}
