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
    public async Task W10_a_peer_that_may_not_know_new_keys_is_named_on_both_sides()
    {
        await using var homes = await PeerHomes.MakeAsync();
        var port = await homes.ServeAsync(homes.B, "cat");
        await PeerHomes.IntroduceAsync(homes.B, port, homes.A);
        await PeerHomes.IntroduceAsync(homes.A, "1", homes.B);

        var rotated = await ParleyProgram.RunAsync(homes.B, "peer", "rotate", "--now");
        await PeerHomes.UntilShownAsync(port, rotated.Output.Trim());
        var atA = await FindAsync(homes.A, "b: pin");
        var atB = await FindAsync(homes.B, "a: new keys");

        Assert.Contains("parley peer rotate --now", atA.Mend, StringComparison.Ordinal);
        Assert.Equal("warn", atB.Level);
        Assert.Contains("parley peer export", atB.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_signing_key_is_diagnosed_once_with_what_mends_it()
    {
        await using var homes = await PeerHomes.MakeAsync();
        File.Delete(Path.Combine(homes.A, "identity.key"));

        var doctor = await ParleyProgram.RunAsync(homes.A, "peer", "doctor");

        Assert.Equal(1, doctor.ExitCode);
        Assert.Single(doctor.Output.Split('\n'), line => line.StartsWith("FAIL", StringComparison.Ordinal));
        Assert.Contains("restore the key's file from a copy", doctor.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task C1_a_damaged_peers_json_is_diagnosed_with_its_place()
    {
        await using var homes = await PeerHomes.MakeAsync();
        SecretFile.Write(Path.Combine(homes.A, "peers.json"), "{\n \"self\""u8);

        var list = await ParleyProgram.RunAsync(homes.A, "peer", "list");
        var found = await FindAsync(homes.A, "peers.json");

        Assert.Equal(7, list.ExitCode);
        Assert.Contains($"line 2, byte 8). Correct {Path.Combine(homes.A, "peers.json")}", list.Error, StringComparison.Ordinal);
        Assert.Contains("(the home's owner)", list.Error, StringComparison.Ordinal);
        Assert.Contains("parley peer init", found.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_with_the_command_that_takes_another()
    {
        await using var homes = await PeerHomes.MakeAsync();
        var port = await homes.ServeAsync(homes.B, "cat");

        var second = await ParleyProgram.RunAsync(homes.A, "peer", "serve", "--port", port, "--", "cat");

        Assert.Equal(6, second.ExitCode);
        Assert.Contains("parley peer serve --port P", second.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_says_what_to_do_without_peers_and_about_those_that_are_not_alive()
    {
        await using var homes = await PeerHomes.MakeAsync();
        var none = await ParleyProgram.RunAsync(homes.A, "peer", "list");
        await PeerHomes.IntroduceAsync(homes.B, "1", homes.A);

        var dead = await ParleyProgram.RunAsync(homes.A, "peer", "list");
        var unknown = await ParleyProgram.RunAsync(homes.A, "peer", "ask", "nobody", "x");

        Assert.Contains("parley peer add FILE", none.Error, StringComparison.Ordinal);
        Assert.Contains("parley peer doctor", dead.Error, StringComparison.Ordinal);
        Assert.Contains("parley peer list", unknown.Error, StringComparison.Ordinal);
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
