using System.Text;
using Google.Protobuf;
using Parley.Client.HubLink;
using Parley.Client.Rooms;
using Parley.Hub.Telemetry;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Rooms.Doors;

/// <summary>What is said in rooms over links leaves no trace, on either side.</summary>
public sealed class LinkRoomPrivacyTests
{
    private const string Marker = "marker-51d07c4e-room";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(RoomDoorKind.Grpc))]
    [InlineData(nameof(RoomDoorKind.WebSocket))]
    public async Task No_content_token_or_code_reaches_logs_metrics_or_the_disk(string kindName)
    {
        var kind = Enum.Parse<RoomDoorKind>(kindName);
        await using var kit = await RoomDoorKit.StartAsync();
        var (host, joiner) = (await kit.OpenAsync(kind), await kit.OpenAsync(kind));
        var opened = await host.OpenAsync(false, true, null, Stop);
        var joined = await joiner.JoinAsync(opened.Code!, Stop);
        await host.WaitAsync(opened.Token, Stop);

        await host.SendAsync(opened.Token, RoomDoorKit.Say(Marker + new string('x', 200_000)), Stop);
        await joiner.WaitAsync(joined.Token, Stop);
        await Assert.ThrowsAsync<ParleyException>(() => joiner.JoinAsync(Marker, Stop));
        await Assert.ThrowsAsync<ParleyException>(() => joiner.PingAsync(Marker, Stop));
        await host.SendAsync(opened.Token, RoomDoorKit.Say(Marker), Stop);
        await DoWhatNoGoodClientDoesAsync(kit, joined.Token);
        await host.LeaveAsync(opened.Token, Stop);
        await kit.Hub.StopAsync();
        string[] traces = [kit.Hub.Log.ToString(), .. FilesOf(kit.Hub.DataFolder)];
        await kit.Hub.StartAgainAsync();

        foreach (var secret in new[] { Marker, opened.Token, joined.Token, opened.Code!, opened.Token[4..], opened.Code![7..] })
        {
            Assert.DoesNotContain(traces, trace => trace.Contains(secret, StringComparison.Ordinal));
            Assert.DoesNotContain(secret, kit.Hub.Get<PrometheusExporter>().Collect());
        }
    }

    [Fact]
    public void Nothing_prints_content()
    {
        var shown = new RoomReply(null, new RoomEvent { Text = ByteString.CopyFromUtf8(Marker) });

        Assert.DoesNotContain(Marker, shown.ToString());
        Assert.DoesNotContain(Marker, new RoomReply(new RoomAnswer { Token = Marker }, null).ToString());
        Assert.DoesNotContain(Marker, RoomItem.Line(Marker).ToString());
    }

    private static async Task DoWhatNoGoodClientDoesAsync(RoomDoorKit kit, string token)
    {
        await using var raw = await RawLink.AttachAsync(kit.Hub, await kit.EnrolAsync(), SessionRole.Caller, LinkKind.WebSocket, Stop);
        raw.Outbox.Send(new Frame { RoomCall = new RoomCall { Number = 1, Operation = RoomOperation.Wait, Token = token } });
        await raw.ReadAsync(Frame.BodyOneofCase.RoomEvent, Stop);
        raw.Outbox.Send(new Frame { RoomCall = new RoomCall { Number = 1, Operation = RoomOperation.Send, Token = Marker, Code = Marker, Message = Marker, Text = ByteString.CopyFromUtf8(Marker) } });
        await raw.ReadAsync(Frame.BodyOneofCase.Goodbye, Stop);
    }

    private static IEnumerable<string> FilesOf(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path =>
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file, Encoding.Latin1);
            return path + reader.ReadToEnd();
        });
}
