using System.Text;
using Parley.Protocol.Errors;
using Parley.Protocol.Stun;
using Parley.Testing;
using Parley.Testing.Network;
using Parley.WebRtc.Turn;

namespace Parley.Tests.WebRtc.Turn;

public sealed class TurnClientTests
{
    private readonly VirtualInternet _internet = new(41);
    private readonly VirtualTurnServer _server;
    private readonly VirtualSocket _socket;
    private readonly VirtualSocket _peer;
    private readonly List<string> _heardByPeer = [];
    private readonly List<string> _heard = [];
    private readonly List<byte[]> _answers = [];
    private TurnClient _client;

    public TurnClientTests()
    {
        _server = new VirtualTurnServer(_internet, "203.0.113.3:3478", "user", "password");
        _socket = _internet.Open("198.51.100.10:4000");
        _peer = _internet.Open("198.51.100.20:4000");
        _client = Make("password");
        _socket.Received = (from, bytes) =>
        {
            _answers.Add(bytes);
            var received = _client.Receive(bytes, _internet.Now);
            if (received.HasData)
            {
                _heard.Add($"{received.Peer} {Convert.ToHexString(bytes.AsSpan(received.Offset, received.Length))}");
            }

            Pump();
        };
        _peer.Received = (from, bytes) => _heardByPeer.Add($"{from} {Convert.ToHexString(bytes)}");
    }

    [Fact]
    public void An_address_is_given_after_the_challenge()
    {
        Start();

        Assert.Equal(TurnState.Allocated, _client.State);
        Assert.True(_client.Relayed.IsSameHost(_server.Address));
        Assert.Equal(_socket.Address, _client.Mapped);
    }

    [Fact]
    public void A_wrong_password_is_said_to_be_one()
    {
        var said = 0;
        _internet.Swallow = (_, to, _) => to == _server.Address && ++said < 0;
        _client = Make("wrong");

        Start();

        Assert.Equal((TurnState.Failed, "the relay does not take the user name or password (401)"), (_client.State, _client.Failure));
        Assert.Equal(2, said);
    }

    [Theory]
    [InlineData(486)]
    [InlineData(508)]
    public void A_refusal_is_named(int code)
    {
        _server.Refuses = code;

        Start();

        Assert.Equal(TurnState.Failed, _client.State);
        Assert.Contains($"({code})", _client.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_silent_relay_fails()
    {
        _internet.Swallow = (_, to, _) => to == _server.Address;

        Start(60);

        Assert.Equal((TurnState.Failed, "the relay does not answer"), (_client.State, _client.Failure));
    }

    [Fact]
    public void An_answer_that_the_relay_did_not_sign_gives_no_address()
    {
        byte[] signed = [];
        _internet.Swallow = (from, _, bytes) =>
        {
            var isGrant = from == _server.Address && StunMessage.TryParse(bytes, out var message) && message.Class == StunClass.Success;
            signed = isGrant ? bytes.ToArray() : signed;
            return isGrant;
        };
        Start();
        var forged = signed.ToArray();
        forged[^1] ^= 1;

        _client.Receive(forged, _internet.Now);
        var believed = _client.State;
        _client.Receive(signed, _internet.Now);

        Assert.Equal((TurnState.Allocating, TurnState.Allocated), (believed, _client.State));
    }

    [Fact]
    public void Over_a_stream_nothing_is_said_twice()
    {
        var said = 0;
        _internet.Swallow = (_, to, _) => to == _server.Address && ++said > 0;
        _client = Make("password", TurnTransport.Tcp);

        Start(60);

        Assert.Equal((TurnState.Failed, 1), (_client.State, said));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(StunWriter.MaxUserNameBytes)]
    public void The_longest_challenge_that_the_rules_allow_is_answered(int userBytes)
    {
        var (realm, nonce) = (Encoding.UTF8.GetBytes(new string('\u20AC', StunWriter.MaxTextBytes / 3)), new byte[StunWriter.MaxTextBytes]);
        _client = Make("password", user: new string('u', userBytes));
        _client.Start(_internet.Now);

        Challenge(realm, nonce);

        Assert.True(_client.TryTakeDatagram(out var signed));
        Assert.True(StunMessage.TryParse(signed, out var request));
        Assert.True(request.TryGet(StunAttribute.Username, out var user) && request.TryGet(StunAttribute.Realm, out var said) && said.SequenceEqual(realm));
        Assert.Equal(userBytes, user.Length);
        Assert.True(request.IsIntegrityValid(StunKey.LongTerm(new string('u', userBytes), Encoding.UTF8.GetString(realm), "password")));
    }

    [Theory]
    [InlineData(254, 763, 0xFF)]
    [InlineData(764, 10, 0x61)]
    [InlineData(10, 764, 0x61)]
    public void A_challenge_that_breaks_the_rules_is_not_answered(int realmBytes, int nonceBytes, int letter)
    {
        _client.Start(_internet.Now);

        Challenge([.. Enumerable.Repeat((byte)letter, realmBytes)], new byte[nonceBytes]);

        Assert.False(_client.TryTakeDatagram(out _));
        Assert.Equal(TurnState.Failed, _client.State);
    }

    [Fact]
    public void A_user_name_longer_than_any_relay_takes_is_refused_at_once()
    {
        var refusal = Assert.Throws<ParleyException>(() => new TurnServer(_server.Address, new string('\u00E4', 255), "password"));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
        Assert.Contains("508", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_goes_both_ways_by_indication_and_by_channel()
    {
        Start();
        _client.Permit(_peer.Address, false, _internet.Now);
        Run(1);
        SendToPeer(0xA1);
        _client.Permit(_peer.Address, true, _internet.Now);
        Run(1);
        SendToPeer(0xA2);
        _peer.Send(_client.Relayed, [0xB1]);
        Run(1);

        Assert.Equal([$"{_client.Relayed} A1", $"{_client.Relayed} A2"], _heardByPeer);
        Assert.Equal([$"{_peer.Address} B1"], _heard);
        Assert.Equal((1, 1), (_server.ByIndication, _server.ByChannel));
        Assert.Equal(ChannelData.HeaderSize, _client.OverheadFor(_peer.Address));
    }

    [Fact]
    public void Who_was_not_let_in_is_not_heard()
    {
        Start();

        _peer.Send(_client.Relayed, [0xB1]);
        Run(1);

        Assert.Empty(_heard);
        Assert.Equal(0, _client.Wrap(_peer.Address, [1], new byte[100]));
    }

    [Fact]
    public void It_lives_as_long_as_it_is_wanted_through_new_nonces_and_loss()
    {
        _internet.Quality = LinkQuality.Good with { Loss = 0.2 };
        Start();
        _client.Permit(_peer.Address, true, _internet.Now);

        for (var minute = 0; minute < 60; minute++)
        {
            _server.ChangeNonce();
            Run(60);
        }

        _internet.Quality = LinkQuality.Good;
        SendToPeer(0xA1);
        Assert.Equal((TurnState.Allocated, 1), (_client.State, _server.Allocations));
        Assert.Single(_heardByPeer);
    }

    [Fact]
    public void A_relay_that_forgot_it_is_noticed()
    {
        Start();

        _server.Reset();
        Run(600);

        Assert.Equal((TurnState.Failed, "the relay has forgotten the allocation (437)"), (_client.State, _client.Failure));
    }

    [Fact]
    public void Closing_gives_the_address_back()
    {
        Start();

        _client.Close(_internet.Now);
        Pump();
        Run(1);

        Assert.Equal((TurnState.Closed, 0), (_client.State, _server.Allocations));
        Assert.Null(_client.NextTimeout);
    }

    [Fact]
    public void Any_datagrams_of_a_relay_leave_it_working()
    {
        Start();
        _client.Permit(_peer.Address, true, _internet.Now);
        Run(1);
        _peer.Send(_client.Relayed, [0xB1]);
        Run(1);
        var good = _answers.ToArray();

        Fuzz.Run(4700, Fuzz.Count, random => Fuzz.Mutate(random, good[random.Next(good.Length)]), bytes =>
        {
            var received = _client.Receive(bytes, _internet.Now);
            Assert.InRange(received.Offset + received.Length, 0, bytes.Length);
        });

        SendToPeer(0xA1);
        Assert.Contains($"{_client.Relayed} A1", _heardByPeer);
    }

    /// <summary>The relay answers the first request with 401.</summary>
    private void Challenge(byte[] realm, byte[] nonce)
    {
        Assert.True(_client.TryTakeDatagram(out var asked));
        Assert.True(StunMessage.TryParse(asked, out var request));
        var writer = new StunWriter(new byte[2048], StunClass.Error, request.Method, request.Transaction);
        writer.AddError(401, "no"u8);
        writer.Add(StunAttribute.Realm, realm);
        writer.Add(StunAttribute.Nonce, nonce);
        _client.Receive(writer.Written, _internet.Now);
    }

    private TurnClient Make(string password, TurnTransport transport = TurnTransport.Udp, string user = "user") =>
        new(new TurnServer(_server.Address, user, password) { Transport = transport }, _socket.Address, SeededRandom.Source(5));

    private void Start(int seconds = 5)
    {
        _client.Start(_internet.Now);
        Run(seconds);
    }

    private void SendToPeer(byte one)
    {
        var wrapped = new byte[200];
        _socket.Send(_server.Address, wrapped.AsSpan(0, _client.Wrap(_peer.Address, [one], wrapped)));
        Run(1);
    }

    /// <summary>Time passes; what is due is done within ten milliseconds.</summary>
    private void Run(int seconds)
    {
        for (var end = _internet.Now + TimeSpan.FromSeconds(seconds); _internet.Now < end;)
        {
            Pump();
            _internet.Run(TimeSpan.FromMilliseconds(10));
            if (_client.NextTimeout <= _internet.Now)
            {
                _client.HandleTimeout(_internet.Now);
            }
        }

        Pump();
    }

    private void Pump()
    {
        while (_client.TryTakeDatagram(out var datagram))
        {
            _socket.Send(_server.Address, datagram);
        }
    }
}
