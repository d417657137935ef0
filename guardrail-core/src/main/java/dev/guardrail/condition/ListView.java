package dev.guardrail.condition;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelValue;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.ListIterator;
import java.util.NoSuchElementException;
import java.util.RandomAccess;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A list as CEL sees it: items are converted when they are read, and paid for then. A [CelValue] for the reason
/// given at [ObjectView].
///
/// An incomplete list is the end of a longer one whose beginning is not known. A search that finds its answer among
/// the known items has it; whatever reaches their end, counts or indexes fails with [BeyondWindow].
@SuppressWarnings("Immutable") // lives for one evaluation, in one thread
final class ListView<T> extends CelValue implements List<Object>, RandomAccess {
    private final List<? extends T> items;
    private final Function<? super T, Object> view;
    private final Meter meter;
    private final boolean complete;

    ListView(List<? extends T> items, Function<? super T, Object> view, Meter meter, boolean complete) {
        this.items = items;
        this.view = view;
        this.meter = meter;
        this.complete = complete;
    }

    /// An item of which nothing is known: every look at it fails.
    private static final ObjectView UNKNOWN = new ObjectView(
            new AbstractSet<>() {
                @Override
                public Iterator<String> iterator() {
                    throw new BeyondWindow();
                }

                @Override
                public int size() {
                    throw new BeyondWindow();
                }
            },
            name -> {
                throw new BeyondWindow();
            },
            new Meter());

    /// Older calls than the session's window holds would decide.
    static final class BeyondWindow extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BeyondWindow() {
            super("the answer lies beyond the session's window of calls", null, false, false);
        }
    }

    @Override
    public int size() {
        return known().size();
    }

    @Override
    public boolean isEmpty() {
        return complete && items.isEmpty();
    }

    @Override
    public Object get(int index) {
        return view.apply(known().get(index));
    }

    private List<? extends T> known() {
        if (!complete) throw new BeyondWindow();
        return items;
    }

    /// After the last known item an incomplete list offers one more, so that CEL looks at what it has found so far
    /// before it asks again; that item and everything after it fail.
    @Override
    public Iterator<Object> iterator() {
        var source = items.iterator();
        return new Iterator<>() {
            private boolean over;

            @Override
            public boolean hasNext() {
                if (over) throw new BeyondWindow();
                return !complete || source.hasNext();
            }

            @Override
            public Object next() {
                meter.round();
                if (source.hasNext()) return view.apply(source.next());
                if (complete) throw new NoSuchElementException();
                over = true;
                return UNKNOWN;
            }
        };
    }

    @Override
    public boolean contains(@Nullable Object wanted) {
        for (T item : items) {
            meter.item();
            if (Equality.same(view.apply(item), wanted)) return true;
        }
        if (!complete) throw new BeyondWindow();
        return false;
    }

    private List<Object> copy() {
        var copy = new ArrayList<Object>(items.size());
        for (T item : known()) {
            meter.item();
            copy.add(view.apply(item));
        }
        return copy;
    }

    @Override
    public Object[] toArray() {
        return copy().toArray();
    }

    @Override
    public <A> A[] toArray(A[] array) {
        return copy().toArray(array);
    }

    @Override
    public boolean containsAll(Collection<?> wanted) {
        return wanted.stream().allMatch(this::contains);
    }

    @Override
    public int indexOf(@Nullable Object wanted) {
        return copy().indexOf(wanted);
    }

    @Override
    public int lastIndexOf(@Nullable Object wanted) {
        return copy().lastIndexOf(wanted);
    }

    @Override
    public ListIterator<Object> listIterator() {
        return copy().listIterator();
    }

    @Override
    public ListIterator<Object> listIterator(int index) {
        return copy().listIterator(index);
    }

    @Override
    public List<Object> subList(int from, int to) {
        return copy().subList(from, to);
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
        return ListType.create(SimpleType.DYN);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return Equality.same(this, other);
    }

    @Override
    public int hashCode() {
        return items.size();
    }

    @Override
    public boolean add(Object item) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void add(int index, Object item) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean addAll(Collection<?> more) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean addAll(int index, Collection<?> more) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Object set(int index, Object item) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Object remove(int index) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean remove(@Nullable Object item) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean removeAll(Collection<?> some) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean retainAll(Collection<?> some) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void clear() {
        throw new UnsupportedOperationException();
    }
}
