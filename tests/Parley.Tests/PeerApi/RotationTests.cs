using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Config;
using Parley.Client.PeerApi;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Rotation;
using Parley.Crypto;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.PeerApi;

/// <summary>W10: new keys without a new exchange.</summary>
public sealed class RotationTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly TempFolder _folder = new();
    private readonly HomeFolder _beta;
    private readonly HomeFolder _alpha;

    public RotationTests()
    {
        _beta = MakeHome("beta");
        _alpha = MakeHome("alpha");
        var self = Directory(_beta);
        using var identity = new PeerCertificateFiles(_beta.FullPath, _clock).Load();
        var entry = new PeerEntry("beta", "h", 3100, CertificatePin.Of(identity.Certificate), PeerProfile.JwtEddsa) { VerifyKey = self.SigningKey!.PublicKey.ToArray() };
        var (text, _) = PeerExport.Add(Encoding.UTF8.GetString(_alpha.ReadSecret(PeersFile.Name)!), PeerExport.Of(entry, identity.Certificate.ToPem()), replaces: false, _clock.GetUtcNow());
        _alpha.WriteSecret(PeersFile.Name, Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public void A_peer_takes_new_keys_over_and_knows_the_old_certificate_until_the_overlap_ends()
    {
        var before = Directory(_alpha).Peers["beta"];
        var statement = new KeyRotation(_beta, _clock).Begin(Directory(_beta), TimeSpan.FromDays(7));

        var hasChanged = Hear(Announcement());

        var after = Directory(_alpha).Peers["beta"];
        Assert.True(hasChanged);
        Assert.Equal(Directory(_beta).SigningKey!.PublicKey.ToArray(), after.VerifyKey.ToArray());
        Assert.Equal([statement.NewPin, before.Pin], after.PinsAt(_clock.GetUtcNow()));
        Assert.Equal([statement.NewPin], after.PinsAt(_clock.GetUtcNow().AddDays(7)));
    }

    [Fact]
    public void The_old_certificate_is_shown_until_then_and_the_new_one_after()
    {
        var rotation = new KeyRotation(_beta, _clock);
        var old = Shown(rotation);
        var statement = rotation.Begin(Directory(_beta), TimeSpan.FromDays(7));

        var during = Shown(rotation);
        _clock.Advance(TimeSpan.FromDays(7));
        var after = Shown(rotation);

        Assert.Equal((old, statement.NewPin), (during, after));
    }

    [Fact]
    public void A_peer_that_was_away_follows_two_rotations()
    {
        var rotation = new KeyRotation(_beta, _clock);
        rotation.Begin(Directory(_beta), TimeSpan.Zero);
        var second = rotation.Begin(Directory(_beta), TimeSpan.Zero);

        Hear(Announcement());

        Assert.Equal(second.NewPin, Directory(_alpha).Peers["beta"].Pin);
        Assert.Equal(Shown(rotation), second.NewPin);
    }

    [Fact]
    public void What_was_rotated_is_not_rotated_back_by_an_old_statement()
    {
        var rotation = new KeyRotation(_beta, _clock);
        rotation.Begin(Directory(_beta), TimeSpan.Zero);
        var first = Announcement();
        var second = rotation.Begin(Directory(_beta), TimeSpan.Zero);
        Hear(Announcement());

        var hasChanged = Hear(first);

        Assert.False(hasChanged);
        Assert.Equal(second.NewPin, Directory(_alpha).Peers["beta"].Pin);
    }

    [Fact]
    public void One_stolen_key_alone_rotates_nothing()
    {
        var self = Directory(_beta);
        using var identity = new PeerCertificateFiles(_beta.FullPath, _clock).Load();
        using var thief = Ed25519Key.Generate();
        var certificate = SelfSignedCertificate.Make(thief, "beta", [], TimeSpan.FromDays(1), _clock);
        using var own = new TlsIdentity(certificate, thief);
        var until = _clock.GetUtcNow();

        var ofSigningKey = RotationStatement.Make("beta", self.SigningKey!, own, thief, certificate, until);
        var ofCertificate = RotationStatement.Make("beta", thief, identity, thief, certificate, until);

        Assert.False(Hear(ofSigningKey.Text));
        Assert.False(Hear(ofCertificate.Text));
    }

    [Fact]
    public void An_overlap_ends_after_90_days_whatever_anybody_says()
    {
        var refusal = Assert.Throws<ParleyException>(() => new KeyRotation(_beta, _clock).Begin(Directory(_beta), TimeSpan.FromDays(91)));
        using var key = Directory(_beta).SigningKey!;
        using var identity = new PeerCertificateFiles(_beta.FullPath, _clock).Load();
        using var next = Ed25519Key.Generate();
        var statement = RotationStatement.Make("beta", key, identity, next, SelfSignedCertificate.Make(next, "beta", [], TimeSpan.FromDays(1), _clock), _clock.GetUtcNow().AddYears(90));

        Hear(statement.Text);

        var after = Directory(_alpha).Peers["beta"];
        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
        Assert.Equal(2, after.PinsAt(_clock.GetUtcNow().AddDays(89)).Count);
        Assert.Equal([statement.NewPin], after.PinsAt(_clock.GetUtcNow().AddDays(90)));
    }

    [Fact]
    public void A_second_rotation_waits_for_the_end_of_the_first()
    {
        var rotation = new KeyRotation(_beta, _clock);
        rotation.Begin(Directory(_beta), TimeSpan.FromDays(7));

        var refusal = Assert.Throws<ParleyException>(() => rotation.Begin(Directory(_beta), TimeSpan.FromDays(7)));
        rotation.Finish();
        rotation.Begin(Directory(_beta), TimeSpan.FromDays(7));

        Assert.Equal(ErrorCode.Conflict, refusal.Code);
    }

    [Fact]
    public void A_rotation_that_a_crash_cut_short_is_told_to_nobody_and_may_begin_anew()
    {
        var before = _beta.ReadSecret(PeersFile.Name)!;
        var rotation = new KeyRotation(_beta, _clock);
        var old = Shown(rotation);
        rotation.Begin(Directory(_beta), TimeSpan.FromDays(7));
        _beta.WriteSecret(PeersFile.Name, before);

        var announcement = Announcement();
        _clock.Advance(TimeSpan.FromDays(8));
        var shown = Shown(rotation);
        var again = rotation.Begin(Directory(_beta), TimeSpan.Zero);
        Hear(Announcement());

        Assert.Null(announcement);
        Assert.Equal(Shown(new KeyRotation(_beta, _clock)), again.NewPin);
        Assert.Equal(old, shown);
        Assert.Equal(again.NewPin, Directory(_alpha).Peers["beta"].Pin);
    }

    [Fact]
    public void One_key_for_both_stays_one_key()
    {
        _beta.WriteSecret(PeersFile.Name, Encoding.UTF8.GetBytes(PeerExport.NewFile("beta", "{{file.identity.tls.key}}")));
        new KeyRotation(_beta, _clock).Begin(Directory(_beta), TimeSpan.Zero);

        using var identity = new KeyRotation(_beta, _clock).Current().Load();

        Assert.Equal(Directory(_beta).SigningKey!.PublicKey.ToArray(), identity.Certificate.PublicKey.ToArray());
    }

    [Fact]
    public void No_damaged_statement_is_read()
    {
        var text = new KeyRotation(_beta, _clock).Begin(Directory(_beta), TimeSpan.Zero).Text;

        Fuzz.Run(6107, Fuzz.Count, random => Encoding.Latin1.GetString(random.Next(4) == 0 ? Fuzz.Bytes(random, 300) : Fuzz.Mutate(random, Encoding.ASCII.GetBytes(text))), damaged =>
        {
            // The last character of a part may have bits that stand for nothing: the bytes are the same then.
            if (RotationStatement.TryRead(damaged, out var read))
            {
                Assert.Equal("beta", read.Name);
                Assert.Equal(text.Length, damaged.Length);
            }
        });
    }

    public void Dispose() => _folder.Dispose();

    private bool Hear(string? announcement) => new PeerRotations(_alpha, _clock, NullLogger<PeerRotations>.Instance).Hear(Directory(_alpha).Peers["beta"], announcement);

    private string? Announcement() => new PeerRotations(_beta, _clock, NullLogger<PeerRotations>.Instance).AnnouncementOf(Directory(_beta));

    private static CertificatePin Shown(KeyRotation rotation)
    {
        using var identity = rotation.Current().Load();
        return CertificatePin.Of(identity.Certificate);
    }

    private static PeerDirectory Directory(HomeFolder home) => new PeersFile(home.PathOf(PeersFile.Name), static _ => null, NullLogger<PeersFile>.Instance).Load();

    private HomeFolder MakeHome(string name)
    {
        var home = HomeFolder.Open(_folder.PathOf(name), static _ => null);
        using var key = Ed25519Key.Generate();
        home.WriteSecret("signing.key", Encoding.ASCII.GetBytes(key.ExportPkcs8Pem()));
        home.WriteSecret(PeersFile.Name, Encoding.UTF8.GetBytes(PeerExport.NewFile(name, "{{file.signing.key}}")));
        new PeerCertificateFiles(home.FullPath, _clock).LoadOrMake(name, []).Dispose();
        return home;
    }
}
