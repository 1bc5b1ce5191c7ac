using System.Buffers.Binary;
using System.Security.Cryptography;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.WebRtc.Channels;
using Parley.WebRtc.Connections;
using Parley.WebRtc.Ice;

namespace Parley.EndToEndTests.WebRtc;

/// <summary>Our connection and libdatachannel's over real sockets.</summary>
public sealed class DataChannelStrangersTests
{
    private const int Total = 20_000_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Twenty_megabytes_go_each_way_on_channels_that_either_end_opened(bool isStrangerOffering)
    {
        using var host = new UdpPeerHost(isStrangerOffering ? IceRole.Controlled : IceRole.Controlling);
        await using var stranger = await NodePeer.MeetAsync(host, isStrangerOffering, Cancellation);
        if (!isStrangerOffering)
        {
            await Deadline.UntilAsync(() => host.State == PeerConnectionState.Connected, host.Describe);
            stranger.Say(new { open = "stranger" });
        }

        var theirs = await host.ChannelAsync("stranger");
        await Deadline.UntilAsync(() => host.State == PeerConnectionState.Connected, host.Describe);
        var ours = await host.AskAsync((connection, now) => connection.OpenChannel(new DataChannelOptions { Label = "parley" }, now));
        await stranger.HearAsync("opened", line => line.GetProperty("opened").GetString() == "parley", host.Describe);
        await stranger.HearAsync("opened", line => line.GetProperty("opened").GetString() == "stranger", host.Describe);
        stranger.Say(new { send = "stranger", bytes = Total, size = 65_536 });
        var hash = SendAll(host, ours, 200_000);

        var sent = await stranger.HearAsync("sent", state: host.Describe);
        await Deadline.UntilAsync(() => host.ReceivedBytes == Total && host.Texts.Contains("done"), host.Describe);
        var received = await stranger.HearAsync("received", state: host.Describe);
        Assert.Equal(sent.GetProperty("sha256").GetString(), await host.HashAsync());
        Assert.Equal(Total, received.GetProperty("received").GetInt64());
        Assert.Equal(hash, received.GetProperty("sha256").GetString());
        Assert.Equal(isStrangerOffering, theirs.Id % 2 == 1);
    }

    [Fact]
    public async Task The_largest_message_that_libdatachannel_takes_arrives_and_a_larger_one_is_refused_here()
    {
        using var host = new UdpPeerHost(IceRole.Controlled);
        await using var stranger = await NodePeer.MeetAsync(host, isOfferer: true, Cancellation);
        var channel = await host.ChannelAsync("stranger");
        await stranger.HearAsync("opened", state: host.Describe);

        host.Say(channel, new byte[262_144]);
        host.Say(channel, "done"u8.ToArray(), isText: true);

        var received = await stranger.HearAsync("received", state: host.Describe);
        Assert.Equal(262_144, received.GetProperty("received").GetInt64());
        var refused = await Assert.ThrowsAsync<ParleyException>(() => host.AskAsync((_, now) => channel.Send(new byte[262_145], isText: false, now)));
        Assert.Equal(ErrorCode.MessageTooLarge, refused.Code);
        Assert.Equal(262_144, (await stranger.HearAsync("opened")).GetProperty("max").GetInt64());
    }

    [Fact]
    public async Task The_strangers_goodbye_closes_ours()
    {
        using var host = new UdpPeerHost(IceRole.Controlled);
        await using var stranger = await NodePeer.MeetAsync(host, isOfferer: true, Cancellation);
        await host.ChannelAsync("stranger");

        stranger.Say(new { close = true });

        await Deadline.UntilAsync(() => host.State == PeerConnectionState.Closed, host.Describe);
        await Deadline.UntilAsync(() => host.Seen.Any(happened => happened.Kind == PeerConnectionEventKind.ChannelClosed), host.Describe);
    }

    [Fact]
    public async Task Our_goodbye_closes_the_strangers()
    {
        using var host = new UdpPeerHost(IceRole.Controlled);
        await using var stranger = await NodePeer.MeetAsync(host, isOfferer: true, Cancellation);
        await host.ChannelAsync("stranger");
        await stranger.HearAsync("opened", state: host.Describe);

        host.Call((connection, now) => connection.Close(now));

        await stranger.HearAsync("closed", state: host.Describe);
        await Deadline.UntilAsync(() => host.State == PeerConnectionState.Closed, host.Describe);
    }

    // Bytes that differ by place, so that a piece out of order shows.
    private static string SendAll(UdpPeerHost host, DataChannel channel, int size)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var sent = 0; sent < Total; sent += size)
        {
            var message = new byte[Math.Min(size, Total - sent)];
            for (var at = 0; at + 4 <= message.Length; at += 4)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(at), unchecked((uint)(sent + at) * 2_654_435_761));
            }

            hash.AppendData(message);
            host.Say(channel, message);
        }

        host.Say(channel, "done"u8.ToArray(), isText: true);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
