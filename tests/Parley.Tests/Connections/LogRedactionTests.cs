using Parley.Hub.Connections.Log;
using Parley.Testing;

namespace Parley.Tests.Connections;

public sealed class LogRedactionTests
{
    [Theory]
    [InlineData("key pk_abcdefghij0123456789 here", "key [redacted] here")]
    [InlineData("ak_abcdefghij0123456789", "[redacted]")]
    [InlineData("join with parley-join-AAAAAAAAAAAAAAAAAAAA now", "join with [redacted] now")]
    [InlineData("{\"secret\":\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}", "{\"secret\":\"[redacted]\"}")]
    [InlineData("curl -H 'Authorization: Bearer abcdef123456'", "curl -H 'Authorization: Bearer [redacted]'")]
    [InlineData("authorization: basic dXNlcjpwYXNz", "authorization: basic [redacted]")]
    [InlineData("a -----BEGIN EC PRIVATE KEY-----\nX: y-z\nMHcCAQ\n-----END EC PRIVATE KEY----- b", "a [redacted] b")]
    [InlineData("a -----BEGIN PRIVATE KEY-----\nMHcCAQ", "a [redacted]")]
    [InlineData("a bearer of news, and pk_short", "a bearer of news, and pk_short")]
    public void Credentials_that_tell_what_they_are_are_taken_out(string content, string expected) => Assert.Equal(expected, LogRedaction.Of(content, []));

    [Fact]
    public void The_owners_own_secrets_are_taken_out_the_longest_first()
    {
        var secrets = LogRedaction.Searched(["swordfish", "swordfish-2", "short"]);

        var content = LogRedaction.Of("it is swordfish-2, was swordfish; keep short", secrets);

        Assert.Equal("it is [redacted], was [redacted]; keep short", content);
    }

    [Fact]
    public void No_secret_comes_through_whatever_stands_around_it()
    {
        string[] pieces = ["-----BEGIN PRIVATE KEY-----", "-----END", "Bearer ", "pk_", "swordfish", "-", " ", "\n", "\ud800", "{{secrets.x}}"];

        Fuzz.Run(
            20261121,
            Fuzz.Count,
            random => string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => pieces[random.Next(pieces.Length)])),
            content => Assert.DoesNotContain("swordfish", LogRedaction.Of(content, ["swordfish"]), StringComparison.Ordinal));
    }
}
