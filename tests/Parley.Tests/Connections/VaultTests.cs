using System.Text;
using Parley.Hub.Connections.Secrets;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Connections;

public sealed class VaultTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_sealed_opens_with_the_same_key_for_the_same_purpose_after_a_restart()
    {
        var sealedBytes = Open(1).Seal("secret acme token", "marker"u8);

        var opened = Open(2).Open("secret acme token", sealedBytes);

        Assert.Equal("marker", Encoding.UTF8.GetString(opened));
        Assert.DoesNotContain("marker", Encoding.Latin1.GetString(sealedBytes), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.PathOf(Vault.FileName)));
    }

    [Fact]
    public void Another_purpose_another_key_and_a_changed_byte_are_refused()
    {
        var vault = Open(1);
        var sealedBytes = vault.Seal("secret acme token", "marker"u8);
        using var other = new TempFolder();
        var changed = sealedBytes.ToArray();
        changed[^1] ^= 1;

        Assert.Equal(ErrorCode.IntegrityFailed, Assert.Throws<ParleyException>(() => vault.Open("secret acme other", sealedBytes)).Code);
        Assert.Equal(ErrorCode.IntegrityFailed, Assert.Throws<ParleyException>(() => Vault.Open(other.FullPath, SeededRandom.Source(9)).Open("secret acme token", sealedBytes)).Code);
        Assert.Equal(ErrorCode.IntegrityFailed, Assert.Throws<ParleyException>(() => vault.Open("secret acme token", changed)).Code);
        Assert.Equal(ErrorCode.IntegrityFailed, Assert.Throws<ParleyException>(() => vault.Open("secret acme token", [])).Code);
    }

    [Fact]
    public void The_same_secret_is_sealed_differently_each_time()
    {
        var vault = Open(1);

        Assert.NotEqual(vault.Seal("p", "marker"u8), vault.Seal("p", "marker"u8));
    }

    [Theory]
    [InlineData("Bearer {{secrets.token}}", "Bearer t-1")]
    [InlineData("{{ secrets.token }}-{{secrets.token}}", "t-1-t-1")]
    [InlineData("{{secret.token}} {{secrets.to ken}}", "{{secret.token}} {{secrets.to ken}}")]
    [InlineData("plain", "plain")]
    public void A_template_takes_secrets_by_name(string text, string expanded) => Assert.Equal(expanded, SecretTemplate.Expand(text, name => name == "token" ? "t-1" : null));

    [Fact]
    public void A_secret_that_is_missing_is_named()
    {
        var refusal = Assert.Throws<ParleyException>(() => SecretTemplate.Expand("{{secrets.other}}", _ => null));

        Assert.Equal("There is no secret other: parley secrets set other.", refusal.Message);
    }

    private Vault Open(int seed) => Vault.Open(_folder.FullPath, SeededRandom.Source(seed));
}
