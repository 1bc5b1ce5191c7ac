using Parley.Client.Peering.Udp;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.WebRtc.Turn;

namespace Parley.Tests.Peering;

public sealed class IceServerTests
{
    [Theory]
    [InlineData("stun:stun.example", "stun.example", 3478, false)]
    [InlineData("stun:192.0.2.1:19302", "192.0.2.1", 19302, false)]
    [InlineData("turn:relay.example:3479", "relay.example", 3479, true)]
    [InlineData("TURN:[2001:db8::1]:443", "2001:db8::1", 443, true)]
    [InlineData("stun:[2001:db8::1]", "2001:db8::1", 3478, false)]
    public void A_server_is_read(string text, string host, int port, bool isRelay) => Assert.Equal(new IceServer(host, port, isRelay), IceServer.Parse(text));

    [Theory]
    [InlineData("turn:relay.example?transport=udp", "turn:relay.example:3478", TurnTransport.Udp)]
    [InlineData("turn:relay.example:80?transport=tcp", "turn:relay.example:80?transport=tcp", TurnTransport.Tcp)]
    [InlineData("turns:relay.example", "turns:relay.example:5349", TurnTransport.Tls)]
    [InlineData("turns:[2001:db8::1]:443?transport=tcp", "turns:[2001:db8::1]:443", TurnTransport.Tls)]
    public void A_relay_is_spoken_to_as_its_text_says(string text, string whole, TurnTransport transport)
    {
        var server = IceServer.Parse(text);

        Assert.Equal((whole, transport, true), (server.ToString(), server.Transport, server.IsRelay));
    }

    [Theory]
    [InlineData("")]
    [InlineData("stun:")]
    [InlineData("stun:host:0")]
    [InlineData("stun:host:65536")]
    [InlineData("stun:host:1:2")]
    [InlineData("stun:[host]:1")]
    [InlineData("stun:[2001:db8::1")]
    [InlineData("stuns:host")]
    [InlineData("stun:host?transport=tcp")]
    [InlineData("turns:host?transport=udp")]
    [InlineData("turn:host?transport=")]
    [InlineData("turn:host?other=tcp")]
    [InlineData("?transport=tcp")]
    [InlineData("turn:user:secret@host")]
    [InlineData("http://host")]
    public void Anything_else_is_refused(string text) =>
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => IceServer.Parse(text)).Code);

    [Fact]
    public void Its_text_holds_no_secret() =>
        Assert.Equal("turn:[2001:db8::1]:443", new IceServer("2001:db8::1", 443, true, "me", "hidden").ToString());

    [Fact]
    public void Any_text_is_read_or_refused() =>
        Fuzz.Run(51, Fuzz.Count, random => (random.Next(2) == 0 ? "stun:" : "turn:") + new string([.. Enumerable.Range(0, random.Next(20)).Select(_ => "[]:.-1a?="[random.Next(9)])]), text =>
        {
            try
            {
                Assert.InRange(IceServer.Parse(text).Port, 1, 65535);
            }
            catch (ParleyException)
            {
            }
        });
}
