package dev.guardrail.condition;

import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelValue;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// An object as CEL sees it: members are converted when they are read, and paid for then.
///
/// It is a [CelValue] because CEL walks through every plain map whenever it is touched, which would make each
/// `args.x` cost as much as all arguments together.
@SuppressWarnings("Immutable") // lives for one evaluation, in one thread
final class ObjectView extends CelValue implements Map<String, Object> {
    private final Set<String> names;
    private final Function<String, @Nullable Object> member;
    private final Meter meter;

    /// @param member the value of each of `names`; null for any other
    ObjectView(Set<String> names, Function<String, @Nullable Object> member, Meter meter) {
        this.names = names;
        this.member = member;
        this.meter = meter;
    }

    @Override
    public int size() {
        return names.size();
    }

    @Override
    public boolean isEmpty() {
        return names.isEmpty();
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return key instanceof String name && names.contains(name);
    }

    @Override
    public boolean containsValue(@Nullable Object value) {
        return copy().containsValue(value);
    }

    @Override
    public @Nullable Object get(@Nullable Object key) {
        return key instanceof String name ? member.apply(name) : null;
    }

    @Override
    public Set<String> keySet() {
        return copy().keySet();
    }

    @Override
    public Collection<Object> values() {
        return copy().values();
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        return copy().entrySet();
    }

    private Map<String, Object> copy() {
        var copy = new LinkedHashMap<String, Object>();
        for (String name : names) {
            meter.item();
            meter.text(name);
            Object value = member.apply(name);
            if (value != null) copy.put(name, value);
        }
        return copy;
    }

    @Override
    public Object value() {
        return this;
    }

    @Override
    public boolean isZeroValue() {
        return isEmpty();
    }

    @Override
    public CelType celType() {
        return MapType.create(SimpleType.STRING, SimpleType.DYN);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return Equality.same(this, other);
    }

    @Override
    public int hashCode() {
        return names.size();
    }

    @Override
    public Object put(String key, Object value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Object remove(@Nullable Object key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void putAll(Map<? extends String, ?> members) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void clear() {
        throw new UnsupportedOperationException();
    }
}
