using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Parley.Hub.Telemetry;

namespace Parley.Tests.Hub;

public sealed class PrometheusExporterTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    [Fact]
    public void Instruments_become_families_with_help_and_type()
    {
        using var exporter = new PrometheusExporter(Meters);
        var meter = Meters.Create("Parley.Test");
        var sent = meter.CreateCounter<long>("parley.messages.sent", description: "Messages that were sent");
        meter.CreateObservableGauge("parley.mailbox.depth", () => 4L, description: "Envelopes that wait");
        var latency = meter.CreateHistogram("parley.latency", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.5, 2] });

        sent.Add(2, new KeyValuePair<string, object?>("kind", "te\"xt"));
        sent.Add(3, new KeyValuePair<string, object?>("kind", "te\"xt"));
        latency.Record(0.5);
        latency.Record(1);
        latency.Record(7);

        Assert.Equal(
            """
            # HELP parley_latency parley.latency
            # TYPE parley_latency histogram
            parley_latency_bucket{le="0.1"} 0
            parley_latency_bucket{le="0.5"} 1
            parley_latency_bucket{le="2"} 2
            parley_latency_bucket{le="+Inf"} 3
            parley_latency_sum 8.5
            parley_latency_count 3
            # HELP parley_mailbox_depth Envelopes that wait
            # TYPE parley_mailbox_depth gauge
            parley_mailbox_depth 4
            # HELP parley_messages_sent_total Messages that were sent
            # TYPE parley_messages_sent_total counter
            parley_messages_sent_total{kind="te\"xt"} 5

            """,
            exporter.Collect());
    }

    [Fact]
    public void Observable_counters_tell_their_whole_value()
    {
        using var exporter = new PrometheusExporter(Meters);
        Meters.Create("Parley.Test").CreateObservableCounter("parley.works", () => 7L);

        exporter.Collect();

        Assert.Contains("parley_works_total 7\n", exporter.Collect(), StringComparison.Ordinal);
    }

    [Fact]
    public void Meters_of_other_hubs_in_the_process_are_not_mixed_in()
    {
        using var exporter = new PrometheusExporter(Meters);
        using var foreign = new Meter("Parley.Test");
        foreign.CreateObservableGauge("parley.foreign", () => 1L);

        Assert.Empty(exporter.Collect());
    }

    public void Dispose() => _services.Dispose();
}
