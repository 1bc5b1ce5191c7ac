using Parley.Client.PeerApi;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Testing.Tls;

namespace Parley.Tests.Tls;

public sealed class PeerCertificateFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    private readonly PeerCertificateFiles _files;

    public PeerCertificateFilesTests() => _files = new PeerCertificateFiles(_folder.FullPath, _clock);

    private string Certificate => _folder.PathOf(PeerCertificateFiles.CertificateName);

    private string Key => _folder.PathOf(PeerCertificateFiles.KeyName);

    [Fact]
    public void T9_the_first_start_makes_a_pair_that_only_its_owner_may_read()
    {
        using var identity = _files.LoadOrMake("agent-a", ["localhost"]);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Key));
        Assert.Equal(_clock.GetUtcNow() + PeerCertificateFiles.Lifetime, identity.Certificate.NotAfter);
    }

    [Fact]
    public void T9_the_second_start_leaves_the_pair_as_it_is()
    {
        using var first = _files.LoadOrMake("agent-a", []);

        using var second = _files.LoadOrMake("another-name", []);

        Assert.Equal(CertificatePin.Of(first.Certificate), CertificatePin.Of(second.Certificate));
    }

    [Fact]
    public void T9_a_key_alone_gets_its_certificate()
    {
        using var first = _files.LoadOrMake("agent-a", []);
        File.Delete(Certificate);

        using var second = _files.LoadOrMake("agent-a", []);

        Assert.Equal(CertificatePin.OfKey(first.Certificate), CertificatePin.OfKey(second.Certificate));
    }

    [Fact]
    public void No_pair_is_not_found() => Refused(ErrorCode.NotFound, () => _files.Load());

    [Fact]
    public void T8_a_certificate_without_its_key_is_refused()
    {
        Make();
        File.Delete(Key);

        Refused(ErrorCode.FileDamaged, () => _files.LoadOrMake("agent-a", []));
    }

    [Fact]
    public void T8_a_key_that_others_may_read_is_refused()
    {
        Make();
        File.SetUnixFileMode(Key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        Refused(ErrorCode.FilePermissions, () => _files.Load());
    }

    [Theory]
    [InlineData(PeerCertificateFiles.CertificateName)]
    [InlineData(PeerCertificateFiles.KeyName)]
    public void T8_a_symbolic_link_is_refused(string name)
    {
        Make();
        File.Move(_folder.PathOf(name), _folder.PathOf("elsewhere"));
        File.CreateSymbolicLink(_folder.PathOf(name), _folder.PathOf("elsewhere"));

        Refused(ErrorCode.FileDamaged, () => _files.Load());
    }

    [Theory]
    [InlineData(PeerCertificateFiles.CertificateName)]
    [InlineData(PeerCertificateFiles.KeyName)]
    public void T8_garbage_is_refused(string name)
    {
        Make();
        File.WriteAllText(_folder.PathOf(name), "garbage");

        Refused(ErrorCode.FileDamaged, () => _files.Load());
    }

    [Fact]
    public void T8_a_key_of_another_certificate_is_refused()
    {
        using var other = new TlsSide();
        Make();
        File.WriteAllText(Key, other.KeyPem);

        Refused(ErrorCode.FileDamaged, () => _files.Load());
    }

    [Theory]
    [InlineData(3651)]
    [InlineData(-1)]
    public void T7_a_certificate_outside_its_dates_is_refused(int days)
    {
        Make();
        var files = new PeerCertificateFiles(_folder.FullPath, new FakeTimeProvider(_clock.GetUtcNow().AddDays(days)));

        Refused(ErrorCode.FileDamaged, () => files.Load());
    }

    public void Dispose() => _folder.Dispose();

    private static void Refused(ErrorCode code, Func<TlsIdentity> load) => Assert.Equal(code, Assert.Throws<ParleyException>(load).Code);

    private void Make() => _files.LoadOrMake("agent-a", []).Dispose();
}
