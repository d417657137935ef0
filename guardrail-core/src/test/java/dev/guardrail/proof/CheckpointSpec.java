package dev.guardrail.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.guardrail.base.Sha256;
import dev.guardrail.proof.CheckpointGuard.Refusal;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointSpec {
    private static final String ORIGIN = "example.com/behind-the-sofa";
    private static final String ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    private final Ed25519Signer signer = Ed25519Signer.of(ORIGIN, new byte[32]);
    private final MerkleTree five = grown("a", "b", "c", "d", "e");

    @Test
    void a_checkpoint_is_origin_size_and_root() {
        String text = ORIGIN + "\n20852163\n" + ROOT + "\n";

        var checkpoint = Checkpoint.parse(text);

        assertEquals(ORIGIN, checkpoint.origin());
        assertEquals(20_852_163, checkpoint.size());
        assertEquals(text, checkpoint.text());
        assertEquals(checkpoint, Checkpoint.parse(text + "an extension\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "o\n1\n",
                "o\n1\nROOT",
                "\n1\nROOT\n",
                "o\n\nROOT\n",
                "o\n01\nROOT\n",
                "o\n-1\nROOT\n",
                "o\n+1\nROOT\n",
                "o\n1 \nROOT\n",
                "o\n1.0\nROOT\n",
                "o\n\u0661\nROOT\n",
                "o\n9223372036854775808\nROOT\n",
                "o\n1\nAAAA\n",
                "o\n1\n*ROOT\n",
                "o\n1\nROOT\n\n",
                "o\n1\nROOT\n\nmore\n",
                "o\n1\nROOT\nmore"
            })
    void what_is_not_a_checkpoint_is_refused(String text) {
        assertThrows(MalformedProof.class, () -> Checkpoint.parse(text.replace("ROOT", ROOT)));
    }

    @Test
    void a_root_has_one_spelling() {
        assertThrows(MalformedProof.class, () -> Checkpoint.parse("o\n1\n" + ROOT.replace("I=", "J=") + "\n"));
        assertThrows(MalformedProof.class, () -> Checkpoint.parse("o\n1\n" + ROOT.replace("=", "") + "\n"));
    }

    @Test
    void a_signed_checkpoint_opens_for_its_log_and_key_alone() throws IOException {
        var checkpoint = new Checkpoint(ORIGIN, 5, five.root());
        byte[] note = checkpoint.sign(signer).bytes();
        var stranger = Ed25519Signer.of(ORIGIN, five.root().bytes()).verifier();

        assertEquals(Optional.of(checkpoint), Checkpoint.open(note, ORIGIN, List.of(signer.verifier())));
        assertEquals(Optional.empty(), Checkpoint.open(note, "example.com/other", List.of(signer.verifier())));
        assertEquals(Optional.empty(), Checkpoint.open(note, ORIGIN, List.of(stranger)));
        assertEquals(Optional.empty(), Checkpoint.open(note, ORIGIN, List.of()));
    }

    @Test
    void a_log_signs_only_what_extends_its_last_head() throws IOException {
        var three = new MerkleTree(five.hashes(), 3);
        var last = new Checkpoint(ORIGIN, 3, three.root());
        var next = new Checkpoint(ORIGIN, 5, five.root());
        var proof = five.consistency(3);

        assertEquals(Optional.empty(), CheckpointGuard.refusal(last, next, proof));
        assertEquals(Optional.empty(), CheckpointGuard.refusal(last, last, three.consistency(3)));
        assertEquals(
                Optional.empty(),
                CheckpointGuard.refusal(new Checkpoint(ORIGIN, 0, MerkleTree.EMPTY_ROOT), next, five.consistency(0)));

        assertEquals(Optional.of(Refusal.SMALLER), CheckpointGuard.refusal(next, last, proof));
        assertEquals(
                Optional.of(Refusal.OTHER_LOG),
                CheckpointGuard.refusal(last, new Checkpoint("other", 5, five.root()), proof));
        assertEquals(
                Optional.of(Refusal.DIFFERENT_ROOT),
                CheckpointGuard.refusal(next, new Checkpoint(ORIGIN, 5, three.root()), five.consistency(5)));
        assertEquals(
                Optional.of(Refusal.INCONSISTENT),
                CheckpointGuard.refusal(last, new Checkpoint(ORIGIN, 5, three.root()), proof));
        assertEquals(Optional.of(Refusal.INCONSISTENT), CheckpointGuard.refusal(last, next, five.consistency(2)));
        assertEquals(
                Optional.of(Refusal.INCONSISTENT),
                CheckpointGuard.refusal(last, next, new ConsistencyProof(3, 6, proof.path())));
    }

    @Test
    void a_rewritten_log_that_has_grown_is_not_signed() throws IOException {
        var last = new Checkpoint(ORIGIN, 5, five.root());
        var rewritten = grown("a", "b", "X", "d", "e", "f", "g");

        var refusal =
                CheckpointGuard.refusal(last, new Checkpoint(ORIGIN, 7, rewritten.root()), rewritten.consistency(5));

        assertEquals(Optional.of(Refusal.INCONSISTENT), refusal);
    }

    @Test
    void a_proof_file_is_read_back_and_vouches_for_its_entry() throws IOException {
        var head = new Checkpoint(ORIGIN, 5, five.root());
        var proof = new TlogProof(2, five.inclusion(2).path(), head.sign(signer));
        Sha256 leaf = five.hashes().read(0, 2, 3).getFirst();
        var trusted = List.of(signer.verifier());

        var read = TlogProof.parse(proof.bytes());

        assertEquals(proof, read);
        assertEquals(Optional.of(head), read.verify(leaf, ORIGIN, trusted));
        assertEquals(Optional.empty(), read.verify(head.root(), ORIGIN, trusted));
        assertEquals(Optional.empty(), read.verify(leaf, "other", trusted));
        assertEquals(Optional.empty(), read.verify(leaf, ORIGIN, List.of()));
        assertEquals(
                Optional.empty(), new TlogProof(3, proof.path(), proof.checkpoint()).verify(leaf, ORIGIN, trusted));
        var extended = new String(proof.bytes(), UTF_8).replace("\nindex", "\nextra AAEC\nindex");
        assertEquals(proof, TlogProof.parse(extended.getBytes(UTF_8)));
    }

    @Test
    void every_changed_byte_of_a_proof_file_is_noticed() throws IOException {
        var head = new Checkpoint(ORIGIN, 5, five.root());
        byte[] bytes = new TlogProof(2, five.inclusion(2).path(), head.sign(signer)).bytes();
        Sha256 leaf = five.hashes().read(0, 2, 3).getFirst();
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            assertEquals(Optional.empty(), verdict(changed, leaf), "byte " + i);
        }
        assertEquals(Optional.of(head), verdict(bytes, leaf));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c2sp.org/tlog-proof@v2\nindex 0\n\n",
                "c2sp.org/tlog-proof@v1\n\n",
                "c2sp.org/tlog-proof@v1\nindex\n\n",
                "c2sp.org/tlog-proof@v1\nindex 01\n\n",
                "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n",
                "c2sp.org/tlog-proof@v1\nextra *\nindex 0\n\n",
                "c2sp.org/tlog-proof@v1\nindex 0\n"
            })
    void what_is_not_a_proof_file_is_refused(String start) {
        String note = new String(
                new Checkpoint(ORIGIN, 0, MerkleTree.EMPTY_ROOT).sign(signer).bytes(), UTF_8);
        String sound = "c2sp.org/tlog-proof@v1\nindex 0\n\n" + note;

        assertEquals(0, TlogProof.parse(sound.getBytes(UTF_8)).index());
        assertThrows(MalformedProof.class, () -> TlogProof.parse((start + note).getBytes(UTF_8)));
    }

    @Test
    void a_path_longer_than_any_tree_is_refused() {
        var head = new Checkpoint(ORIGIN, 0, MerkleTree.EMPTY_ROOT).sign(signer);
        var longest = new TlogProof(0, Collections.nCopies(63, MerkleTree.EMPTY_ROOT), head);
        var longer = new TlogProof(0, Collections.nCopies(64, MerkleTree.EMPTY_ROOT), head);

        assertEquals(longest, TlogProof.parse(longest.bytes()));
        assertThrows(MalformedProof.class, () -> TlogProof.parse(longer.bytes()));
    }

    private Optional<Checkpoint> verdict(byte[] file, Sha256 leaf) {
        try {
            return TlogProof.parse(file).verify(leaf, ORIGIN, List.of(signer.verifier()));
        } catch (MalformedProof refused) {
            return Optional.empty();
        }
    }

    private static MerkleTree grown(String... entries) {
        var leaves = List.of(entries).stream()
                .map(entry -> MerkleTree.leafHash(entry.getBytes(UTF_8)))
                .toList();
        return new MerkleTree(
                new LeafHashes((from, to) -> leaves.subList((int) from, (int) Math.min(to, leaves.size()))),
                leaves.size());
    }
}
