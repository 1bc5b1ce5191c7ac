namespace Parley.Client.PeerApi.Entries;

/// <summary>The names of profiles in <c>peers.json</c>.</summary>
public static class PeerProfileName
{
    /// <summary>The name of <see cref="PeerProfile.JwtEddsa"/>.</summary>
    public const string JwtEddsa = "jwt-eddsa";

    /// <summary>The name of <see cref="PeerProfile.JwtHs256"/>.</summary>
    public const string JwtHs256 = "jwt-hs256";

    /// <summary>The name of <see cref="PeerProfile.AbtarsReqV1"/>.</summary>
    public const string AbtarsReqV1 = "abtars-req-v1";

    /// <summary>A profile's name.</summary>
    public static string Of(PeerProfile profile) => profile switch
    {
        PeerProfile.JwtHs256 => JwtHs256,
        PeerProfile.AbtarsReqV1 => AbtarsReqV1,
        _ => JwtEddsa,
    };
}
