using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Client.PeerApi.Entries;
using Parley.Crypto;
using Parley.EndToEndTests.Cli;
using Parley.Protocol.Files;

namespace Parley.EndToEndTests.PeerApi;

/// <summary><c>peer doctor</c> and <c>peer list</c> on homes that something is wrong with.</summary>
public sealed class PeerDoctorTests
{
    [Fact]
    public async Task Two_homes_that_believe_each_other_are_well_and_alive()
    {
        await using var homes = await PeerHomes.MakeAsync();
        await PeerHomes.IntroduceAsync(homes.B, await homes.ServeAsync(homes.B, "cat"), homes.A);
        await PeerHomes.IntroduceAsync(homes.A, "3100", homes.B);

        var doctor = await ParleyProgram.RunAsync(homes.A, "peer", "doctor");
        var list = await ParleyProgram.RunAsync(homes.A, "peer", "list", "--json");

        Assert.Equal(0, doctor.ExitCode);
        Assert.Contains("OK   b: answers", doctor.Output, StringComparison.Ordinal);
        var row = JsonNode.Parse(list.Output)![0]!;
        Assert.Equal("alive", row["state"]!.GetValue<string>());
        Assert.True(row["milliseconds"]!.GetValue<double>() > 0);
        Assert.NotNull(row["lastSeen"]);
    }

    [Fact]
    public async Task C2_a_name_that_the_other_side_does_not_have_is_diagnosed()
    {
        await using var homes = await PeerHomes.MakeAsync();
        await PeerHomes.IntroduceAsync(homes.B, await homes.ServeAsync(homes.B, "cat"), homes.A);
        await PeerHomes.IntroduceAsync(homes.A, "3100", homes.B);
        Rename(homes.B, "a", "another");

        var found = await FindAsync(homes.A, "b: name or key");

        Assert.Contains("must be named 'a'", found.Found, StringComparison.Ordinal);
        Assert.Contains("parley peer add a.json --replace", found.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_certificate_is_diagnosed()
    {
        await using var homes = await PeerHomes.MakeAsync();
        await PeerHomes.IntroduceAsync(homes.B, await homes.ServeAsync(homes.B, "cat"), homes.A);
        PeerHomes.Change(homes.A, "b", "certFingerprint", new string('A', 64));
        PeerHomes.Change(homes.A, "b", "certPem", null!);

        var found = await FindAsync(homes.A, "b: pin");

        Assert.Contains("nothing was sent", found.Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_is_diagnosed()
    {
        await using var homes = await PeerHomes.MakeAsync();
        await PeerHomes.IntroduceAsync(homes.B, "1", homes.A);

        var found = await FindAsync(homes.A, "b: port");

        Assert.Contains("parley peer serve --listen 0.0.0.0 --port 1", found.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wide_permissions_are_diagnosed_with_the_command_that_mends_them()
    {
        await using var homes = await PeerHomes.MakeAsync();
        File.SetUnixFileMode(Path.Combine(homes.A, "identity.tls.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        var found = await FindAsync(homes.A, "certificate");

        Assert.Contains("chmod 600", found.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jwt-hs256", "W3")]
    [InlineData("abtars-req-v1", "W1")]
    public async Task W1_W3_what_a_legacy_profile_brings_is_warned_of(string profile, string weakness)
    {
        await using var homes = await PeerHomes.MakeAsync();
        using var key = Ed25519Key.Generate();
        var entry = new JsonObject { ["host"] = "127.0.0.1", ["port"] = 1, ["verifyKey"] = PeerKeyText.WritePublic(key.PublicKey), ["certFingerprint"] = new string('A', 64), ["token"] = "t", ["profile"] = profile };
        var path = Path.Combine(homes.A, "peers.json");
        var root = JsonNode.Parse(await File.ReadAllTextAsync(path))!;
        root["peers"]!["old"] = entry;
        SecretFile.Write(path, System.Text.Encoding.UTF8.GetBytes(root.ToJsonString()));

        var found = await FindAsync(homes.A, "old: profile");

        Assert.Equal("warn", found.Level);
        Assert.Contains(weakness, found.Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_with_one_key_signs_with_the_certificates()
    {
        await using var homes = await PeerHomes.MakeAsync();

        var init = await ParleyProgram.RunAsync(homes.C, "peer", "init", "--name", "c", "--abtars");
        var export = await ParleyProgram.RunAsync(homes.C, "peer", "export");

        var certificate = Crypto.Tls.Ed25519Certificate.FromPem(JsonNode.Parse(export.Output)!["certPem"]!.GetValue<string>());
        Assert.Contains("both layers", init.Error, StringComparison.Ordinal);
        Assert.Equal(PeerKeyText.WritePublic(certificate.PublicKey), JsonNode.Parse(export.Output)!["verifyKey"]!.GetValue<string>());
    }

    private static async Task<(string Level, string Found, string Mend)> FindAsync(string home, string check)
    {
        var doctor = await ParleyProgram.RunAsync(home, "peer", "doctor", "--json");
        var found = JsonDocument.Parse(doctor.Output).RootElement.EnumerateArray().Single(finding => finding.GetProperty("check").GetString() == check);
        return (found.GetProperty("level").GetString()!, found.GetProperty("found").GetString()!, found.TryGetProperty("mend", out var mend) ? mend.GetString()! : string.Empty);
    }

    private static void Rename(string home, string from, string to)
    {
        var path = Path.Combine(home, "peers.json");
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        var peers = root["peers"]!.AsObject();
        peers[to] = peers[from]!.DeepClone();
        peers.Remove(from);
        SecretFile.Write(path, System.Text.Encoding.UTF8.GetBytes(root.ToJsonString()));
    }
}
