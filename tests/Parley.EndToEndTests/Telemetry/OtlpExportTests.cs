using Parley.EndToEndTests.Cli;

namespace Parley.EndToEndTests.Telemetry;

public sealed class OtlpExportTests
{
    private const string Marker = "marker-7f3a-content";

    [Fact]
    public async Task Spans_and_metrics_arrive_without_content_addresses_or_secrets()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var hub = await HubProcess.StartAsync("--otlp", collector.Url, "--limit", "trace-percent=100");
        var join = await hub.MakeJoinStringAsync("--uses", "many");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), join, "join", "-", "--name", "asking-agent");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("b"), join, "join", "-", "--name", "answering-agent");
        await using (var listener = ParleyProgram.Start(hub.HomeOf("b"), "a2a", "listen", "--exec", "cat"))
        {
            await listener.WaitForErrorAsync("listening");
            var sent = await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "answering-agent", Marker, "--thread", "thread-" + Marker);
            Assert.Equal(Marker, sent.Output);
        }

        hub.Process.Terminate();
        await hub.Process.WaitForExitAsync();

        var request = Assert.Single(collector.Spans, span => span.Attributes["parley.message.type"] == "auto");
        var reply = Assert.Single(collector.Spans, span => span.Attributes["parley.message.type"] == "reply");
        Assert.Equal("route mailbox", request.Name);
        Assert.Equal("parley", request.Attributes["messaging.system"]);
        Assert.Equal("send", request.Attributes["messaging.operation.type"]);
        Assert.Equal(request.Attributes["messaging.message.id"], reply.Attributes["messaging.message.conversation_id"]);
        Assert.Contains("parley.message.duration", collector.MetricNames);
        Assert.Contains("parley.store.commits", collector.MetricNames);
        Assert.Contains("parley-hub", collector.Everything, StringComparison.Ordinal);
        foreach (var secret in new[] { Marker, "asking-agent", "answering-agent", "local.", "127.0.0.1", hub.Data, join, File.ReadAllText(Path.Combine(hub.Data, "admin.key")).Trim() })
        {
            Assert.DoesNotContain(secret, collector.Everything, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_hub_without_a_collector_does_not_load_the_export_library()
    {
        Assert.SkipUnless(File.Exists("/proc/self/maps"), "this system has no /proc");
        await using var collector = await OtlpReceiver.StartAsync();
        await using var plain = await HubProcess.StartAsync();
        await using var exporting = await HubProcess.StartAsync("--otlp", collector.Url);

        Assert.DoesNotContain("OpenTelemetry", await MapsOf(plain), StringComparison.Ordinal);
        Assert.Contains("OpenTelemetry", await MapsOf(exporting), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_is_not_there_neither_disturbs_the_hub_nor_its_stop()
    {
        await using var hub = await HubProcess.StartAsync("--otlp", "http://127.0.0.1:1");

        hub.Process.Terminate();

        Assert.Equal(0, await hub.Process.WaitForExitAsync());
        Assert.DoesNotContain("defect", hub.Process.Error, StringComparison.Ordinal);
    }

    private static Task<string> MapsOf(HubProcess hub) => File.ReadAllTextAsync($"/proc/{hub.Process.Id}/maps");
}
