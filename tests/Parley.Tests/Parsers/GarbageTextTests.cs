using System.Text;
using Parley.Cli.A2a;
using Parley.Client.Responders;
using Parley.Client.Responders.Exec;
using Parley.Hub.Identity.Keys;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Grpc;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Testing;

namespace Parley.Tests.Parsers;

/// <summary>Every parser of text that people or strangers write: garbage is refused with a code, whatever it is.</summary>
public sealed class GarbageTextTests
{
    private const int Seed = 90210;
    private const string Alphabet = "abz019-_.,=!*:/ \t\r\n\"'\\{}[]\u0000\u001b\u00e9\u202e\ud83d";

    private static readonly Dictionary<string, (string Good, Action<string> Parse)> _parsers = new()
    {
        ["join string"] = (GoodJoinString(), text => JoinString.Parse(text)),
        ["address"] = ("acme.agent-b", text => Consistent(AgentAddress.TryParse(text, out var address), () => address.ToString(), text)),
        ["name"] = ("agent-b", text => Names.CheckNew(text)),
        ["selector"] = ("role=build,env!=prod", text => LabelSelector.Parse(text)),
        ["label list"] = ("role=build,env=prod", text => Labels.Parse(text)),
        ["key-value list"] = ("a=1,b=2", text => KeyValues.Parse(text).ToList()),
        ["duration"] = ("1500ms", text => Assert.True(DurationText.Parse(text) >= TimeSpan.Zero)),
        ["size"] = ("64KiB", text => Assert.True(SizeText.Parse(text) >= 0)),
        ["envelope id"] = ("r-0123456789abcdef", text => Consistent(EnvelopeId.TryParse(text, out var id), () => id.Value, text)),
        ["pin"] = (SpkiPin.FromHash(new byte[SpkiPin.HashSize]).Value, text => SpkiPin.TryParse(text, out _)),
        ["gRPC time-out"] = ("1500m", text => Assert.True(!GrpcTimeout.TryParse(text, out var timeout) || timeout >= TimeSpan.Zero)),
        ["command line"] = ("sh -c 'echo \"x\\\\y\"'", text => CommandLine.Parse(text)),
        ["TLS files"] = ("cert.pem,key.pem", text => TlsOptions.Parse(text)),
        ["allowed senders"] = ("bob,acme.*,acme.eve", text => SenderPolicy.Of("acme", text.Split(','))),
    };

    public static TheoryData<string> Parsers() => new(_parsers.Keys);

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Garbage_is_refused_with_a_code_and_nothing_else(string parser)
    {
        var (good, parse) = _parsers[parser];
        parse(good);

        Fuzz.Run(Seed, Fuzz.Count, random => Text(random, good), text =>
        {
            try
            {
                parse(text);
            }
            catch (ParleyException exception)
            {
                Assert.NotEqual(ErrorCode.Internal, exception.Code);
                Assert.True(exception.Message.Length < 500, exception.Message);
            }
        });
    }

    private static string Text(Random random, string good) => random.Next(3) switch
    {
        0 => Encoding.UTF8.GetString(Fuzz.Mutate(random, Encoding.UTF8.GetBytes(good))),
        1 => new string([.. Enumerable.Range(0, random.Next(60)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]),
        _ => string.Concat(Enumerable.Repeat(good, random.Next(1, 40))),
    };

    private static string GoodJoinString() => new JoinString(
        "0123456789abcdef0123456789abcdef", new Uri("https://hub.example.org:7420"), new Uri("https://hub.example.org:7420"), SpkiPin.FromHash(new byte[SpkiPin.HashSize]), "jt_" + new string('a', 32)).Reveal();

    /// <summary>What was accepted is the text itself: nothing is cut off or smoothed over.</summary>
    private static void Consistent(bool isParsed, Func<string> back, string text)
    {
        if (isParsed)
        {
            Assert.Equal(text, back());
        }
    }
}
