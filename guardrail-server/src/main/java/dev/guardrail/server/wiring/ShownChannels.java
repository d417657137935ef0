package dev.guardrail.server.wiring;

import dev.guardrail.server.console.health.ChannelReport;
import dev.guardrail.server.notify.Channels;
import java.util.List;

/// How channels do, as pages show it.
record ShownChannels(Channels channels) implements ChannelReport {
    @Override
    public List<Line> all() {
        return channels.healths().entrySet().stream()
                .map(each -> new Line(
                        each.getKey(),
                        each.getValue().failing(),
                        each.getValue().lastDelivered(),
                        each.getValue().lastFailed(),
                        each.getValue().why()))
                .toList();
    }
}
