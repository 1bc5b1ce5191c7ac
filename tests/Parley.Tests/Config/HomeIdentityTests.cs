using System.Text;
using Parley.Client.Config;
using Parley.Crypto;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing;

namespace Parley.Tests.Config;

public sealed class HomeIdentityTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_new_home_gets_three_keys_and_a_binding_that_verifies()
    {
        var home = Home("a");

        using var identity = HomeIdentity.LoadOrCreate(home);

        var binding = identity.Binding;
        Assert.True(Ed25519.Verify(identity.PublicKey, binding.SignedBytes(), binding.Signature.Span));
        Assert.Equal(identity.KeyAgreement.PublicKey.ToArray(), binding.KeyAgreement.ToArray());
        Assert.Equal(identity.Tls.PublicKey.ToArray(), binding.Tls.ToArray());
        Assert.NotEqual(identity.PublicKey.ToArray(), identity.Tls.PublicKey.ToArray());
    }

    [Fact]
    public void The_identity_is_the_same_when_the_home_is_opened_again()
    {
        using var made = HomeIdentity.LoadOrCreate(Home("a"));

        using var loaded = HomeIdentity.Load(Home("a"));

        Assert.Equal(made.Fingerprint, loaded.Fingerprint);
        Assert.Equal(made.Sign("data"u8), loaded.Sign("data"u8));
    }

    [Fact]
    public void Two_homes_are_two_identities()
    {
        using var a = HomeIdentity.LoadOrCreate(Home("a"));
        using var b = HomeIdentity.LoadOrCreate(Home("b"));

        Assert.NotEqual(a.Fingerprint, b.Fingerprint);
    }

    [Fact]
    public void Every_file_is_for_its_owner_only()
    {
        var home = Home("a");

        HomeIdentity.LoadOrCreate(home).Dispose();

        var modes = Directory.GetFiles(home.FullPath).Select(File.GetUnixFileMode).Distinct();
        Assert.Equal([UnixFileMode.UserRead | UnixFileMode.UserWrite], modes);
    }

    [Fact]
    public void A_home_without_keys_is_told_to_join()
    {
        var refusal = Assert.Throws<ParleyException>(() => HomeIdentity.Load(Home("a")));

        Assert.Equal(ErrorCode.NotJoined, refusal.Code);
        Assert.Contains("parley join", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lost_key_is_never_replaced_in_silence()
    {
        var home = Home("a");
        HomeIdentity.LoadOrCreate(home).Dispose();
        File.Delete(home.PathOf(HomeIdentity.IdentityKeyName));

        var refusal = Assert.Throws<ParleyException>(() => HomeIdentity.LoadOrCreate(home));

        Assert.Equal(ErrorCode.FileDamaged, refusal.Code);
        Assert.False(home.Has(HomeIdentity.IdentityKeyName));
    }

    [Theory]
    [InlineData(HomeIdentity.IdentityKeyName)]
    [InlineData(HomeIdentity.TlsKeyName)]
    public void A_key_of_another_home_is_noticed(string name)
    {
        var (home, other) = (Home("a"), Home("b"));
        HomeIdentity.LoadOrCreate(home).Dispose();
        HomeIdentity.LoadOrCreate(other).Dispose();
        File.Copy(other.PathOf(name), home.PathOf(name), overwrite: true);

        var refusal = Assert.Throws<ParleyException>(() => HomeIdentity.Load(home));

        Assert.Equal(ErrorCode.FileDamaged, refusal.Code);
    }

    [Fact]
    public void A_binding_that_the_identity_key_did_not_sign_is_noticed()
    {
        var home = Home("a");
        using var identity = HomeIdentity.LoadOrCreate(home);
        var forged = identity.Binding.Signature.ToArray();
        forged[0] ^= 1;
        home.WriteSecret(HomeIdentity.BindingName, BindingFile.Write(identity.Binding with { Signature = forged }));

        var refusal = Assert.Throws<ParleyException>(() => HomeIdentity.Load(home));

        Assert.Equal(ErrorCode.FileDamaged, refusal.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"version\":2,\"identity\":\"\",\"keyAgreement\":\"\",\"tls\":\"\",\"signature\":\"\"}")]
    [InlineData("{\"version\":1,\"identity\":null,\"keyAgreement\":\"\",\"tls\":\"\",\"signature\":\"\"}")]
    public void A_damaged_binding_file_is_noticed(string json)
    {
        var home = Home("a");
        HomeIdentity.LoadOrCreate(home).Dispose();
        home.WriteSecret(HomeIdentity.BindingName, Encoding.UTF8.GetBytes(json));

        var refusal = Assert.Throws<ParleyException>(() => HomeIdentity.Load(home));

        Assert.Equal(ErrorCode.FileDamaged, refusal.Code);
    }

    [Fact]
    public void Making_that_was_interrupted_starts_over()
    {
        var home = Home("a");
        HomeIdentity.LoadOrCreate(home).Dispose();
        File.Delete(home.PathOf(HomeIdentity.BindingName));
        File.Delete(home.PathOf(HomeIdentity.TlsKeyName));

        HomeIdentity.LoadOrCreate(home).Dispose();

        using var whole = HomeIdentity.Load(home);
        Assert.Equal(KeyFingerprint.Of(whole.PublicKey), whole.Fingerprint);
    }

    [Fact]
    public void A_home_that_another_process_sets_up_is_left_to_it()
    {
        var home = Home("a");
        using var held = home.TryLock("identity");

        var refusal = Assert.Throws<ParleyException>(() => HomeIdentity.LoadOrCreate(home));

        Assert.Equal(ErrorCode.Conflict, refusal.Code);
    }

    private HomeFolder Home(string name) => HomeFolder.Open(_temp.PathOf(name), _ => null);
}
