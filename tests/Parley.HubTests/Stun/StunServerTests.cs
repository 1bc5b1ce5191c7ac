using System.Net;
using System.Net.Sockets;
using Parley.Protocol.Errors;
using Parley.Protocol.Stun;
using Parley.Testing;

namespace Parley.HubTests.Stun;

public sealed class StunServerTests
{
    [Fact]
    public async Task A_link_hears_the_port_and_a_question_there_is_answered()
    {
        await using var hub = await HubFixture.StartAsync(options => options.Stun.Port = 0);
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("asker"));

        var welcome = await sender.Link.WaitConnectedAsync(TestContext.Current.CancellationToken);
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await socket.SendAsync(Question(), new IPEndPoint(IPAddress.Loopback, (int)welcome.StunPort));
        var answer = await socket.ReceiveAsync(TestContext.Current.CancellationToken);

        Assert.True(StunMessage.TryParse(answer.Buffer, out var message));
        Assert.True(message.TryGetAddress(StunAttribute.XorMappedAddress, out var seen));
        Assert.Equal(TransportAddress.From((IPEndPoint)socket.Client.LocalEndPoint!), seen);
    }

    [Fact]
    public async Task Without_the_option_no_port_is_named()
    {
        await using var hub = await HubFixture.StartAsync();
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("asker"));

        var welcome = await sender.Link.WaitConnectedAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0u, welcome.StunPort);
    }

    [Fact]
    public async Task A_port_that_is_taken_stops_the_start_with_a_sentence()
    {
        using var taken = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)taken.Client.LocalEndPoint!).Port;

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => HubFixture.StartAsync(options => options.Stun.Port = port));

        Assert.Equal(ErrorCode.Unavailable, refusal.Code);
        Assert.Contains($"UDP port {port}", refusal.Message, StringComparison.Ordinal);
    }

    private static byte[] Question()
    {
        var writer = new StunWriter(new byte[64], StunClass.Request, StunMethod.Binding, StunTransactionId.Make(SeededRandom.Source(9)));
        return writer.Written.ToArray();
    }
}
