using System.Net;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Parley.Client.Journal;
using Parley.Client.Messaging;
using Parley.Hub.Connections;
using Parley.Hub.Telemetry;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Sqlite;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Faults;

/// <summary>A marker in everything that agents say to each other, and a search for it everywhere that the hub and its clients write.</summary>
public sealed class PrivacyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(LinkKind.Grpc), nameof(MessageLogMode.Metadata))]
    [InlineData(nameof(LinkKind.Grpc), nameof(MessageLogMode.Off))]
    [InlineData(nameof(LinkKind.WebSocket), nameof(MessageLogMode.Metadata))]
    [InlineData(nameof(LinkKind.WebSocket), nameof(MessageLogMode.Off))]
    public async Task What_agents_say_is_in_no_log_no_metric_and_a_minute_after_its_end_in_no_file(string kindName, string mode)
    {
        var kind = Enum.Parse<LinkKind>(kindName);
        var marker = NewMarker();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var hub = await HubFixture.StartAsync(options => options.MessageLog = Enum.Parse<MessageLogMode>(mode), time);
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        var sender = await hub.ConnectSenderAsync(alice, kind, Stop);
        await using var journal = SqliteJournal.Open(bob.Home.PathOf("journal.db"), Durability.Full, TimeProvider.System, hub.Log.Factory.CreateLogger("journal"));

        var held = await sender.SendAsync("bob", Marked(marker) with { Waits = false }, Stop);
        var storedBefore = Contains(hub.DataFolder, marker);
        await using var listener = await hub.ConnectListenerAsync(bob, (request, _) => Task.FromResult($"{marker} {request.FileName}"), new ListenSetup { Kind = kind, Journal = journal }, Stop);
        var late = await sender.Sender.WaitForAsync(held.Id, Deadline.Shared, null, Stop);
        var direct = await sender.SendAsync("bob", Marked(marker), Stop);
        await Deadline.UntilAsync(() => IsGoneAsync(hub.DataFolder, marker, time), "the hub's files without the marker");
        await Deadline.UntilAsync(async () => await journal.PruneAsync(Stop) >= 0 && !Contains(bob.Home.FullPath, marker), "the journal without the marker");

        Assert.True(storedBefore, "The marker is not found where it must be: the search is worth nothing.");
        Assert.Contains(marker, TestSender.TextOf(late), StringComparison.Ordinal);
        Assert.Contains(marker, TestSender.TextOf(direct), StringComparison.Ordinal);
        Assert.DoesNotContain(marker, hub.Log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(marker, hub.Get<PrometheusExporter>().Collect(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(LinkKind.Grpc))]
    [InlineData(nameof(LinkKind.WebSocket))]
    public async Task What_goes_wrong_is_reported_without_what_was_said(string kindName)
    {
        var kind = Enum.Parse<LinkKind>(kindName);
        var marker = NewMarker();
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        await hub.ConnectListenerAsync(bob, (_, _) => throw new ParleyException(ErrorCode.ResponderFailed, "The responder failed."), new ListenSetup { Kind = kind }, Stop);
        await using var raw = await RawLink.AttachAsync(hub, alice, SessionRole.Caller, kind, Stop);

        raw.Outbox.Send(new Frame { Send = new Envelope { Id = "not-a-message", To = "bob", Kind = EnvelopeKind.Request, WantsReply = true, Body = ByteString.CopyFromUtf8("\u000f" + marker) } });
        raw.Outbox.Send(new Frame { Send = new Envelope { Id = "thread", To = "bob", Kind = EnvelopeKind.Request, Thread = marker + new string('x', 100) } });
        raw.Outbox.Send(new Frame { Send = new Envelope { Id = marker + " is no id", To = "bob", Kind = EnvelopeKind.Request } });
        raw.Outbox.Send(new Frame { Send = new Envelope { Id = "target", To = marker, Kind = EnvelopeKind.Request } });
        raw.Outbox.Send(new Frame { Call = new Call { Number = 1, Method = "agents.list", Arguments = ByteString.CopyFromUtf8($"{{\"limit\":\"{marker}\"}}") } });
        await raw.ReadAsync(Frame.BodyOneofCase.Result, Stop);
        await raw.Transport.WriteAsync(Encoding.UTF8.GetBytes("\0\0\0\0\u0040" + marker + new string('x', 60)), Stop);
        await raw.ReadAsync(Frame.BodyOneofCase.Goodbye, Stop);

        Assert.DoesNotContain(marker, hub.Log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(marker, hub.Get<PrometheusExporter>().Collect(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_over_http_is_in_no_log_and_no_metric()
    {
        var marker = NewMarker();
        await using var hub = await ApiHub.StartAsync();

        var statuses = new List<HttpStatusCode>();
        foreach (var client in new[] { hub.Guest, hub.Admin, hub.ClientWith("pk_" + marker) })
        {
            statuses.Add((await client.GetAsync($"/{marker}", Stop)).StatusCode);
            statuses.Add((await client.GetAsync($"/api/agents/{marker}?selector={marker}&{marker}=1", Stop)).StatusCode);
            statuses.Add((await client.PostAsync("/api/tokens", new StringContent($"{{\"owner\":\"{marker}", Encoding.UTF8, "application/json"), Stop)).StatusCode);
            statuses.Add((await client.PostAsync("/api/enrol", new StringContent($"{{\"token\":\"{marker}\",\"name\":\"{marker}\"}}", Encoding.UTF8, "application/json"), Stop)).StatusCode);
        }

        Assert.All(statuses, status => Assert.True(status < HttpStatusCode.InternalServerError, status.ToString()));
        Assert.DoesNotContain(marker, hub.Log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(marker, hub.Get<PrometheusExporter>().Collect(), StringComparison.Ordinal);
    }

    /// <summary>Letters of no word, good in every place that takes a name.</summary>
    private static string NewMarker() => "mk" + RandomNumberGenerator.GetHexString(32, lowercase: true);

    private static SendRequest Marked(string marker) => new(
        new Message { Content = ByteString.CopyFromUtf8(marker), Name = marker + ".txt", Meta = { [marker] = marker }, Files = { new FilePart { Name = marker, Content = ByteString.CopyFromUtf8(marker) } } },
        MessageType.Auto)
    {
        Thread = marker,
    };

    private static async Task<bool> IsGoneAsync(string folder, string marker, FakeTimeProvider time)
    {
        time.Advance(TimeSpan.FromSeconds(31));
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        return !Contains(folder, marker);
    }

    private static bool Contains(string folder, string marker) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any(path =>
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

        // The log of the database may be cut while it is read.
        var bytes = new byte[file.Length];
        var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return bytes.AsSpan(0, count).IndexOf(Encoding.UTF8.GetBytes(marker)) >= 0;
    });
}
