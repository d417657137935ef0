package dev.guardrail.server.runner.bwrap;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.guardrail.sandbox.Profile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Attempts to get out of a shipped profile, each beside something of its kind that is permitted and has to work: where
/// nothing works, nothing was stopped. An attempt says `STOPPED` itself, so that one which did not come to pass does
/// not count.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
class EscapeSpec {
    /// Calls by number, as no library wraps them, and what came of them.
    private static final String PYTHON = """
            import ctypes, errno, fcntl, mmap, os, pty, signal, socket, stat, sys, tempfile
            libc = ctypes.CDLL(None, use_errno=True)
            libc.syscall.restype = ctypes.c_long
            def call(number, *arguments):
                got = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
                return 0 if got >= 0 else ctypes.get_errno()
            def stopped(got, *wanted):
                print('STOPPED' if got in wanted else 'ESCAPED %r' % (got,))
            def tried(work):
                try:
                    work()
                    return 0
                except OSError as refused:
                    return refused.errno
            def machine(code):
                room = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
                room.write(code)
                start = ctypes.addressof(ctypes.c_char.from_buffer(room))
                child = os.fork()
                if child == 0:
                    ctypes.CFUNCTYPE(ctypes.c_int)(start)()
                    os._exit(7)
                return os.waitpid(child, 0)[1]
            """;

    private static final String CALLS_WORK = "print('OK' if call(%d) == 0 else 'BROKEN')";

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    static Path directory;

    @SuppressWarnings("NullAway.Init") // set before all
    private SandboxRig rig;

    @SuppressWarnings("NullAway.Init") // set before all
    private ServerSocket listener;

    @SuppressWarnings("NullAway.Init") // set before all
    private ServerSocketChannel unixListener;

    private final Architecture architecture =
            Architecture.of(System.getProperty("os.arch")).orElse(Architecture.X86_64);

    /// @param control of the same kind, prints `OK`
    private record Attempt(String name, List<String> attempt, List<String> control) {}

    @BeforeAll
    void prepare() throws Exception {
        rig = new SandboxRig(directory);
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        unixListener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(rig.workspace.resolve("host.sock")));
        Files.writeString(rig.base.resolve("secret"), "of the host");
        SandboxRig.file(rig.workspace.resolve("inside"), "of the workspace");
        SandboxRig.directory(rig.workspace.resolve(".git"));
        SandboxRig.directory(rig.workspace.resolve(".git/hooks"));
        SandboxRig.file(rig.workspace.resolve(".git/config"), "[core]\n");
        SandboxRig.directory(rig.workspace.resolve("plain"));
    }

    @AfterAll
    void close() throws Exception {
        listener.close();
        unixListener.close();
    }

    @TestFactory
    Stream<DynamicTest> nothing_gets_out() throws Exception {
        rig.assumeUsable();
        SandboxRig.assumeProgram("/usr/bin/python3");
        Profile strict = rig.asProven(SandboxRig.shipped("strict"));
        List<Attempt> attempts = attempts(strict);
        assertTrue(attempts.size() >= 50, () -> "attempts: " + attempts.size());
        return attempts.stream()
                .map(attempt -> dynamicTest(attempt.name(), () -> {
                    var control = rig.run(strict, attempt.control());
                    assertTrue(control.output().contains("OK"), () -> "what is permitted does not work: " + control);
                    var ran = rig.run(strict, attempt.attempt());
                    assertTrue(ran.output().contains("STOPPED"), ran::toString);
                    assertFalse(ran.output().contains("ESCAPED"), ran::toString);
                }));
    }

    /// Of every profile is published what it stops; `strict` has to stop all.
    @TestFactory
    Stream<DynamicTest> what_each_profile_stops_is_published() throws Exception {
        rig.assumeUsable();
        SandboxRig.assumeProgram("/usr/bin/python3");
        String published = Files.readString(Path.of("..", "docs", "sandbox.md"));
        return Stream.of("build", "stdio-server", "python", "node", "git")
                .map(name -> dynamicTest(name, () -> {
                    Profile profile = rig.asProven(SandboxRig.shipped(name));
                    var through = new ArrayList<String>();
                    for (Attempt attempt : attempts(profile)) {
                        var control = rig.run(profile, attempt.control());
                        assertTrue(control.output().contains("OK"), () -> attempt.name() + ": " + control);
                        var ran = rig.run(profile, attempt.attempt());
                        boolean stopped = ran.output().contains("STOPPED")
                                && !ran.output().contains("ESCAPED");
                        if (!stopped) through.add(attempt.name());
                        if (architecture == Architecture.X86_64)
                            assertTrue(published.contains("- " + attempt.name() + "\n"), attempt.name());
                    }
                    String row =
                            "| `" + name + "` | " + (through.isEmpty() ? "nothing" : String.join("; ", through)) + " |";
                    assertTrue(published.contains(row), row);
                }));
    }

    private List<Attempt> attempts(Profile profile) {
        var attempts = new ArrayList<Attempt>();
        attempts.addAll(files(profile));
        attempts.addAll(protectedNames());
        attempts.addAll(processes(profile));
        attempts.addAll(calls());
        attempts.addAll(network());
        attempts.addAll(machine());
        return attempts;
    }

    private List<Attempt> files(Profile profile) {
        String beyond = (profile.files().tmpBytes() >> 20) + 16 + "M";
        String secret = rig.base.resolve("secret").toString();
        return List.of(
                shell("reads the host's passwords", fails("cat /etc/shadow"), works("cat /etc/passwd")),
                shell("lists root's home", fails("ls /root"), works("ls /usr")),
                shell("reads beside the workspace", fails("cat " + secret), works("cat inside")),
                shell("reads beside it by `..`", fails("cat ../secret"), works("cat plain/../inside")),
                shell(
                        "reads beside it by a link",
                        "ln -sf " + secret + " /tmp/l; " + fails("cat /tmp/l"),
                        "ln -sf $PWD/inside /tmp/l; " + works("cat /tmp/l")),
                shell("links to a file of the machine", fails("ln /usr/bin/env ./env"), works("ln -f inside linked")),
                shell("writes in /usr", fails("touch /usr/x"), works("touch x")),
                shell("writes in the root", fails("touch /x"), works("touch /tmp/x")),
                shell("writes in /etc", fails("touch /etc/x"), works("touch x")),
                shell("writes in /dev", fails("touch /dev/x"), works("touch /dev/shm/x")),
                shell("reads by another process's root", fails("ls /proc/1/root/root"), works("ls /proc/self")),
                shell("sees disks or memory", fails("ls /dev/vda /dev/sda /dev/mem /dev/kmem"), works("ls /dev/null")),
                shell(
                        "changes where core dumps go",
                        fails("sh -c 'echo x >/proc/sys/kernel/core_pattern'"),
                        works("cat /proc/sys/kernel/core_pattern")),
                shell(
                        "asks for a restart",
                        fails("sh -c 'echo b >/proc/sysrq-trigger'"),
                        works("sh -c 'echo b >/dev/null'")),
                shell(
                        "sees the host's variables",
                        fails("sh -c 'env | grep API_KEY'"),
                        works("sh -c 'env | grep LANG'")),
                shell(
                        "has files open that it was not given",
                        fails("sh -c 'ls /proc/self/fd | grep -v -e ^0$ -e ^1$ -e ^2$ -e ^3$'"),
                        works("sh -c 'ls /proc/self/fd | grep ^2$'")),
                python(
                        "makes a device",
                        "stopped(tried(lambda: os.mknod('/tmp/d', 0o666 | stat.S_IFBLK, os.makedev(8, 0))), errno.EPERM)",
                        "os.mkfifo('/tmp/f'); print('OK')"),
                shell(
                        "fills /tmp beyond its size",
                        fails("sh -c 'head -c " + beyond + " /dev/zero >/tmp/f'"),
                        works("sh -c 'head -c 8M /dev/zero >/tmp/f'")),
                shell(
                        "fills /dev/shm beyond its size",
                        fails("sh -c 'head -c " + beyond + " /dev/zero >/dev/shm/f'"),
                        works("sh -c 'head -c 8M /dev/zero >/dev/shm/f'")));
    }

    private List<Attempt> protectedNames() {
        return List.of(
                shell(
                        "changes a protected file",
                        fails("sh -c 'echo x >>.git/config'"),
                        works("sh -c 'echo x >>inside'")),
                shell(
                        "makes a file in a protected directory",
                        fails("touch .git/hooks/pre-commit"),
                        works("touch plain/x")),
                shell(
                        "moves a protected directory away",
                        fails("mv .git moved"),
                        works("sh -c 'mv plain other && mv other plain'")),
                shell("removes a protected directory", fails("rm -rf .git"), works("sh -c 'mkdir y && rm -rf y'")),
                shell("makes a protected name", fails("sh -c 'echo x >.mcp.json'"), works("sh -c 'echo x >mcp.json'")),
                shell("makes a protected directory", fails("mkdir .claude"), works("sh -c 'mkdir -p z && rmdir z'")),
                shell("puts a file in place of a protected name", fails("mv -f inside .env"), works("cp inside copy")),
                shell("links over a protected name", fails("ln -sf inside .env"), works("ln -sf inside soft")),
                shell("removes a covered name", fails("rm -f .env"), works("sh -c 'touch w && rm w'")),
                shell(
                        "moves the workspace away",
                        fails("mv \"$PWD\" \"$PWD.x\""),
                        works("sh -c 'mv inside i2 && mv i2 inside'")));
    }

    private List<Attempt> processes(Profile profile) {
        long host = ProcessHandle.current().pid();
        return List.of(
                shell(
                        "sees the host's processes",
                        "[ \"$(ls -d /proc/[0-9]* | wc -l)\" -lt 8 ] && echo STOPPED",
                        "[ \"$(ls -d /proc/[0-9]* | wc -l)\" -gt 1 ] && echo OK"),
                shell(
                        "signals a process of the host",
                        fails("kill -0 " + (host < 50 ? 99_999 : host)),
                        works("kill -0 $$")),
                shell(
                        "becomes root by a set-id program",
                        "cp /usr/bin/id i; chmod u+s i; ./i -u | grep -q '^0$' && echo ESCAPED || echo STOPPED; rm i",
                        "cp /usr/bin/id i; ./i -u >/dev/null && echo OK; rm i"),
                python(
                        "becomes root",
                        "stopped(tried(lambda: os.setuid(0)), errno.EINVAL, errno.EPERM)",
                        "os.setuid(os.getuid()); print('OK')"),
                shell("is root", fails("sh -c '[ \"$(id -u)\" = 0 ]'"), works("id -u")),
                python(
                        "has more processes than it may",
                        "most = " + (profile.limits().pids() + 200) + """

                        children = []
                        def more():
                            while len(children) < most:
                                child = os.fork()
                                if child == 0: signal.pause()
                                children.append(child)
                        stopped(tried(more), errno.EAGAIN)
                        """,
                        """
                        for i in range(40):
                            if os.fork() == 0: os._exit(0)
                            os.wait()
                        print('OK')
                        """));
    }

    /// Calls that are refused whatever their arguments, and those that are judged by them.
    private List<Attempt> calls() {
        var attempts = new ArrayList<Attempt>();
        for (SystemCall call : List.of(
                SystemCall.UNSHARE,
                SystemCall.SETNS,
                SystemCall.MOUNT,
                SystemCall.UMOUNT2,
                SystemCall.PIVOT_ROOT,
                SystemCall.CHROOT,
                SystemCall.OPEN_TREE,
                SystemCall.FSOPEN,
                SystemCall.PTRACE,
                SystemCall.PROCESS_VM_READV,
                SystemCall.PIDFD_GETFD,
                SystemCall.IO_URING_SETUP,
                SystemCall.BPF,
                SystemCall.KEYCTL,
                SystemCall.ADD_KEY,
                SystemCall.PERF_EVENT_OPEN,
                SystemCall.USERFAULTFD,
                SystemCall.OPEN_BY_HANDLE_AT,
                SystemCall.KEXEC_LOAD,
                SystemCall.FINIT_MODULE,
                SystemCall.REBOOT,
                SystemCall.SYSLOG))
            attempts.add(python(
                    call.toString().toLowerCase(java.util.Locale.ROOT),
                    "stopped(call(" + number(call) + ", 0, 0, 0, 0, 0), errno.EPERM)",
                    String.format(CALLS_WORK, architecture == Architecture.X86_64 ? 39 : 172)));
        int getpid = architecture == Architecture.X86_64 ? 39 : 172;
        String works = String.format(CALLS_WORK, getpid);
        attempts.add(python(
                "clone with a user namespace",
                "stopped(call(" + number(SystemCall.CLONE) + ", 0x10000011, 0, 0, 0, 0), errno.EPERM)",
                "child = os.fork()\nif child == 0: os._exit(0)\nos.wait(); print('OK')"));
        attempts.add(python("clone3", "stopped(call(435, 0, 0), errno.ENOSYS)", works));
        attempts.add(python("a call of a later kernel", "stopped(call(470, 0, 0), errno.ENOSYS)", works));
        attempts.add(python(
                "personality",
                "stopped(call(" + number(SystemCall.PERSONALITY) + ", 0x0040000), errno.EPERM)",
                "print('OK' if call(" + number(SystemCall.PERSONALITY) + ", 0xffffffff) == 0 else 'BROKEN')"));
        String terminal = "master, slave = pty.openpty()\n";
        String window = terminal + "print('OK' if call(" + number(SystemCall.IOCTL)
                + ", slave, 0x5413, ctypes.create_string_buffer(8)) == 0 else 'BROKEN')";
        for (String request : List.of("0x5412", "0x100005412", "0x541c"))
            attempts.add(python(
                    "types into a terminal, " + request,
                    terminal + "stopped(call(" + number(SystemCall.IOCTL) + ", slave, " + request
                            + ", ctypes.create_string_buffer(b'x')), errno.EPERM)",
                    window));
        if (architecture == Architecture.X86_64) {
            String getpidCode = "machine(bytes.fromhex('b8270000000f05c3'))";
            String control = "print('OK' if " + getpidCode + " == 7 << 8 else 'BROKEN')";
            attempts.add(python(
                    "calls of 32 bits",
                    "stopped(machine(bytes.fromhex('b814000000cd80c3')) & 127, signal.SIGSYS)",
                    control));
            attempts.add(python(
                    "calls of x32",
                    "stopped(machine(bytes.fromhex('b8270000400f05c3')) & 127, signal.SIGSYS)",
                    control));
        }
        return attempts;
    }

    private List<Attempt> network() {
        String own = """
                server = socket.socket(); server.bind(('127.0.0.1', 0)); server.listen()
                client = socket.create_connection(server.getsockname(), 5); print('OK')
                """;
        var attempts = new ArrayList<Attempt>();
        for (var family : List.of(
                List.of("unix", 1),
                List.of("netlink", 16),
                List.of("packet", 17),
                List.of("alg", 38),
                List.of("vsock", 40),
                List.of("xdp", 44)))
            attempts.add(python(
                    "a socket of the family " + family.getFirst(),
                    "stopped(call(" + number(SystemCall.SOCKET) + ", " + family.getLast() + ", 1, 0), errno.EPERM)",
                    own));
        attempts.add(python(
                "connects to the host's loopback",
                "stopped(tried(lambda: socket.create_connection(('127.0.0.1', " + listener.getLocalPort()
                        + "), 5)), errno.ECONNREFUSED)",
                own));
        attempts.add(python(
                "connects to the world",
                "stopped(tried(lambda: socket.create_connection(('192.0.2.1', 443), 5)), errno.ENETUNREACH)",
                own));
        attempts.add(python(
                "asks a name server",
                "stopped(tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.53', 53))),"
                        + " errno.ENETUNREACH)",
                own));
        attempts.add(python(
                "a raw socket",
                "stopped(tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)), errno.EPERM)",
                own));
        attempts.add(python(
                "connects to a socket that lies in the workspace",
                "stopped(tried(lambda: socket.socket(socket.AF_UNIX).connect('host.sock')), errno.EPERM)",
                "a, b = socket.socketpair(); a.send(b'x'); print('OK' if b.recv(1) == b'x' else 'BROKEN')"));
        return attempts;
    }

    private List<Attempt> machine() {
        return List.of(
                shell("names the machine", fails("hostname elsewhere"), works("hostname")),
                shell("sets the clock", fails("date -s 2001-01-01"), works("date")),
                shell("raises its own limits", fails("prlimit --nproc=100000 true"), works("prlimit --nproc=20 true")),
                shell(
                        "sees an interface of the host",
                        "grep -c : /proc/net/dev | grep -qx 1 && echo STOPPED",
                        works("grep lo: /proc/net/dev")));
    }

    private int number(SystemCall call) {
        return call.number(architecture).orElseThrow();
    }

    private static String fails(String command) {
        return command + " >/dev/null 2>&1 && echo ESCAPED || echo STOPPED";
    }

    private static String works(String command) {
        return command + " >/dev/null && echo OK";
    }

    private static Attempt shell(String name, String attempt, String control) {
        return new Attempt(name, List.of("/bin/sh", "-c", attempt), List.of("/bin/sh", "-c", control));
    }

    private static Attempt python(String name, String attempt, String control) {
        return new Attempt(
                name,
                List.of("/usr/bin/python3", "-I", "-c", PYTHON + attempt.stripIndent()),
                List.of("/usr/bin/python3", "-I", "-c", PYTHON + control.stripIndent()));
    }
}
