using System.Text;
using Parley.Benchmarks.Peers;

namespace Parley.EndToEndTests.Benchmarks;

public sealed class PeerTests
{
    [Theory]
    [InlineData("nats", false)]
    [InlineData("nats", true)]
    [InlineData("redis", false)]
    [InlineData("redis", true)]
    public async Task A_request_to_a_real_server_comes_back(string name, bool isSecured)
    {
        var token = TestContext.Current.CancellationToken;
        await using IRequestReplyPeer peer = name == "nats" ? new NatsPeer(isSecured, TimeProvider.System) : new RedisPeer(isSecured, TimeProvider.System);
        Assert.SkipWhen(peer.Unavailable is not null, peer.Unavailable ?? "");
        await peer.StartAsync(token);
        await using var responder = await peer.ConnectResponderAsync("answer", token);
        await using var requester = await peer.ConnectRequesterAsync("ask", token);

        var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
            Encoding.UTF8.GetString((await requester.RequestAsync("answer", Encoding.UTF8.GetBytes($"request {i}"), token)).Span)));

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"request {i}"), replies);
    }
}
