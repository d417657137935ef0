package dev.guardrail.condition;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// IP addresses in their one plain spelling: four decimal numbers without leading zeros, or RFC 4291 text without a
/// zone. Everything else (`127.1`, `0x7f.1`, `2130706433`) is no address here.
final class Address {

    /// Ranges of IPv4 that are not global unicast (IANA special-purpose registry), with multicast and class E.
    private static final List<Range> PRIVATE_4 = ranges(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4");

    /// Ranges within IPv6 global unicast, 2000::/3, that are special: IETF protocols with Teredo, documentation, 6to4.
    private static final List<Range> PRIVATE_6 = ranges("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    private static final Range GLOBAL_6 = Range.parse("2000::/3").orElseThrow();

    private final byte[] bytes;

    /// @param bytes 4 or 16
    private Address(byte[] bytes) {
        this.bytes = bytes;
    }

    /// True for IPv6.
    boolean isSix() {
        return bytes.length == 16;
    }

    private static List<Range> ranges(String... texts) {
        return Arrays.stream(texts).map(text -> Range.parse(text).orElseThrow()).toList();
    }

    static Optional<Address> parse(String text) {
        return text.indexOf(':') < 0 ? four(text).map(Address::new) : six(text);
    }

    private static Optional<byte[]> four(String text) {
        if (text.length() > 15) return Optional.empty();
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) return Optional.empty();
        var bytes = new byte[4];
        for (int i = 0; i < 4; i++) {
            int value = number(parts[i], 10, 3);
            if (value < 0 || value > 255 || parts[i].length() > 1 && parts[i].charAt(0) == '0') return Optional.empty();
            bytes[i] = (byte) value;
        }
        return Optional.of(bytes);
    }

    private static Optional<Address> six(String text) {
        if (text.length() > 45) return Optional.empty();
        int gap = text.indexOf("::");
        if (gap < 0) return groups(text).filter(bytes -> bytes.length == 16).map(Address::new);
        var head = groups(text.substring(0, gap)).filter(bytes -> text.lastIndexOf('.', gap) < 0);
        var tail = groups(text.substring(gap + 2));
        if (head.isEmpty() || tail.isEmpty() || head.get().length + tail.get().length > 14) return Optional.empty();
        var bytes = new byte[16];
        System.arraycopy(head.get(), 0, bytes, 0, head.get().length);
        System.arraycopy(tail.get(), 0, bytes, 16 - tail.get().length, tail.get().length);
        return Optional.of(new Address(bytes));
    }

    /// Bytes of groups between single colons; the last may be an IPv4 address.
    private static Optional<byte[]> groups(String text) {
        if (text.isEmpty()) return Optional.of(new byte[0]);
        String[] parts = text.split(":", -1);
        if (parts.length > 8) return Optional.empty();
        var bytes = new byte[parts.length * 2 + 2];
        int size = 0;
        for (int i = 0; i < parts.length; i++) {
            if (i == parts.length - 1 && parts[i].indexOf('.') >= 0) {
                var four = four(parts[i]);
                if (four.isEmpty()) return Optional.empty();
                System.arraycopy(four.get(), 0, bytes, size, 4);
                size += 4;
            } else {
                int value = number(parts[i], 16, 4);
                if (value < 0) return Optional.empty();
                bytes[size++] = (byte) (value >> 8);
                bytes[size++] = (byte) value;
            }
        }
        return Optional.of(Arrays.copyOf(bytes, size));
    }

    /// @return the value of 1 to `most` plain ASCII digits; -1 for anything else
    private static int number(String digits, int radix, int most) {
        if (digits.isEmpty() || digits.length() > most) return -1;
        int value = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            int digit = c < 128 ? Character.digit(c, radix) : -1;
            if (digit < 0) return -1;
            value = value * radix + digit;
        }
        return value;
    }

    /// True for global unicast: an address that a host on the open internet may have.
    boolean isPublic() {
        if (bytes.length == 4) return PRIVATE_4.stream().noneMatch(range -> range.contains(this));
        return GLOBAL_6.contains(this) && PRIVATE_6.stream().noneMatch(range -> range.contains(this));
    }

    /// Addresses that share a prefix, `10.0.0.0/8`; bits after the prefix must be zero.
    record Range(Address base, int prefix) {

        static Optional<Range> parse(String text) {
            int slash = text.indexOf('/');
            if (slash < 0) return Optional.empty();
            int prefix = number(text.substring(slash + 1), 10, 3);
            return Address.parse(text.substring(0, slash))
                    .filter(base -> prefix >= 0 && prefix <= base.bytes.length * 8)
                    .map(base -> new Range(base, prefix))
                    .filter(Range::endsInZeros);
        }

        private boolean endsInZeros() {
            for (int bit = prefix; bit < base.bytes.length * 8; bit++) if (base.bit(bit)) return false;
            return true;
        }

        /// An address of the other family is never within.
        boolean contains(Address address) {
            if (address.bytes.length != base.bytes.length) return false;
            for (int bit = 0; bit < prefix; bit++) if (address.bit(bit) != base.bit(bit)) return false;
            return true;
        }
    }

    private boolean bit(int index) {
        return (bytes[index >> 3] >> (7 - (index & 7)) & 1) == 1;
    }
}
