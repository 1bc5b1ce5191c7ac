using Parley.Hub.Rooms;
using Parley.Testing;

namespace Parley.Tests.Rooms;

public sealed class RoomSecretsTests
{
    private readonly RoomSecrets _secrets = new(new byte[32], SeededRandom.Source(7));

    [Fact]
    public void Tokens_and_codes_have_the_shape_that_scripts_cut_out()
    {
        Assert.Matches("^tok_[a-f0-9]{32}$", _secrets.MakeToken());
        Assert.Matches("^invite_[a-f0-9]{32}$", _secrets.MakeCode(RoomKind.Standard));
        Assert.Matches("^listen_[a-f0-9]{32}$", _secrets.MakeCode(RoomKind.Listener));
        Assert.Matches("^room_[a-f0-9]{32}$", _secrets.MakeRoomName());
        Assert.Matches("^Agent-[a-f0-9]{4}$", _secrets.MakeName(null));
    }

    [Fact]
    public void A_token_is_known_again_under_the_same_key_only()
    {
        var token = _secrets.MakeToken();

        Assert.True(new RoomSecrets(new byte[32], SeededRandom.Source(8)).IsOurs(token));
        Assert.False(new RoomSecrets([1, .. new byte[31]], SeededRandom.Source(8)).IsOurs(token));
    }

    [Fact]
    public void Anything_else_is_not_ours() => Fuzz.Run(
        41_000,
        Fuzz.Count,
        random => System.Text.Encoding.Latin1.GetString(Fuzz.Mutate(random, System.Text.Encoding.Latin1.GetBytes(_secrets.MakeToken()))),
        text => Assert.True(!_secrets.IsOurs(text) || text.Length == 36));

    [Fact]
    public void Two_seats_never_bear_one_name()
    {
        byte next = 0;
        var secrets = new RoomSecrets(new byte[32], bytes => bytes.Fill((byte)(next++ / 3)));

        Assert.Equal("Agent-0101", secrets.MakeName("Agent-0000"));
    }

    [Fact]
    public void A_secret_is_found_by_its_hash_and_an_endless_one_is_not_hashed()
    {
        Assert.Equal(SecretHash.Of("tok_1"), SecretHash.Of("tok_1"));
        Assert.NotEqual(SecretHash.Of("tok_1"), SecretHash.Of("tok_2"));
        Assert.Equal(default, SecretHash.Of(new string('x', 100_000)));
    }
}
