using Parley.Hub.Transports.Stun;
using Parley.Protocol.Stun;
using Parley.Testing;

namespace Parley.Tests.Stun;

public sealed class StunResponderTests
{
    private static readonly TransportAddress _asker = TransportAddress.Parse("198.51.100.7:40000");
    private readonly StunResponder _responder = new(new StunRates(10, SeededRandom.Source(3)));
    private readonly byte[] _answer = new byte[StunResponder.MaxAnswer];

    [Theory]
    [InlineData("198.51.100.7:40000")]
    [InlineData("[2001:db8::7]:40000")]
    public void A_question_gets_its_own_address(string from)
    {
        var length = _responder.Answer(Question(), TransportAddress.Parse(from), TimeSpan.Zero, _answer);

        Assert.True(StunMessage.TryParse(_answer.AsSpan(0, length), out var answer));
        Assert.Equal(StunClass.Success, answer.Class);
        Assert.True(answer.TryGetAddress(StunAttribute.XorMappedAddress, out var seen));
        Assert.Equal(from, seen.ToString());
    }

    [Fact]
    public void Answers_are_hardly_longer_than_questions()
    {
        Assert.Equal(32, _responder.Answer(Question(), _asker, TimeSpan.Zero, _answer));
        Assert.Equal(44, _responder.Answer(Question(), TransportAddress.Parse("[2001:db8::7]:40000"), TimeSpan.Zero, _answer));
    }

    [Fact]
    public void A_fingerprint_is_answered_with_one()
    {
        var length = _responder.Answer(Question(hasFingerprint: true), _asker, TimeSpan.Zero, _answer);

        Assert.True(StunMessage.TryParse(_answer.AsSpan(0, length), out var answer));
        Assert.True(answer.HasFingerprint);
    }

    [Fact]
    public void What_must_be_understood_and_is_not_is_named()
    {
        var writer = new StunWriter(new byte[128], StunClass.Request, StunMethod.Binding, default);
        writer.Add((StunAttribute)0x7123, "?");

        var length = _responder.Answer(writer.Written, _asker, TimeSpan.Zero, _answer);

        Assert.True(StunMessage.TryParse(_answer.AsSpan(0, length), out var answer));
        Assert.True(answer.TryGetError(out var code, out _));
        Assert.True(answer.TryGet(StunAttribute.UnknownAttributes, out var unknown));
        Assert.Equal((420, "7123"), (code, Convert.ToHexString(unknown)));
    }

    [Theory]
    [InlineData("198.51.100.7:53")]
    [InlineData("198.51.100.7:123")]
    [InlineData("198.51.100.7:0")]
    [InlineData("198.51.100.7:11211")]
    [InlineData("224.0.0.1:5000")]
    [InlineData("255.255.255.255:5000")]
    public void Reflectors_and_groups_get_nothing(string from) =>
        Assert.Equal(0, _responder.Answer(Question(), TransportAddress.Parse(from), TimeSpan.Zero, _answer));

    [Fact]
    public void An_answer_is_not_answered()
    {
        var length = _responder.Answer(Question(), _asker, TimeSpan.Zero, _answer);
        var answer = _answer.AsSpan(0, length).ToArray();

        Assert.Equal(0, _responder.Answer(answer, _asker, TimeSpan.Zero, _answer));
    }

    [Fact]
    public void One_address_gets_its_share_and_others_get_theirs()
    {
        var answered = Enumerable.Range(0, 30).Count(number => Ask(_asker.WithPort(5000 + number), TimeSpan.Zero));
        var other = Ask(TransportAddress.Parse("203.0.113.9:1024"), TimeSpan.Zero);
        var later = Enumerable.Range(0, 30).Count(_ => Ask(_asker, TimeSpan.FromMilliseconds(500)));

        Assert.Equal((10, true, 5), (answered, other, later));
    }

    [Fact]
    public void An_IPv6_network_is_one_address()
    {
        var answered = Enumerable.Range(1, 30).Count(number => Ask(TransportAddress.Parse($"[2001:db8:1:2::{number:x}]:5000"), TimeSpan.Zero));

        Assert.Equal(10, answered);
    }

    [Fact]
    public void Any_bytes_are_answered_or_dropped() =>
        Fuzz.Run(4300, Fuzz.Count, random => Fuzz.Mutate(random, Question(hasFingerprint: random.Next(2) == 0)), bytes =>
            Assert.InRange(_responder.Answer(bytes, _asker, TimeSpan.FromHours(1), _answer), 0, StunResponder.MaxAnswer));

    private bool Ask(TransportAddress from, TimeSpan now) => _responder.Answer(Question(), from, now, _answer) > 0;

    private static byte[] Question(bool hasFingerprint = false)
    {
        var writer = new StunWriter(new byte[64], StunClass.Request, StunMethod.Binding, StunTransactionId.Make(SeededRandom.Source(9)));
        if (hasFingerprint)
        {
            writer.AddFingerprint();
        }

        return writer.Written.ToArray();
    }
}
