using Parley.Protocol.Errors;
using Parley.Protocol.Link;

namespace Parley.Tests.Link;

public sealed class LinkVersionsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 9)]
    [InlineData(0, 1)]
    public void The_highest_common_version_is_chosen(uint min, uint max)
    {
        Assert.Equal(LinkVersions.Max, LinkVersions.Choose(min, max));
    }

    [Theory]
    [InlineData(2, 9)]
    [InlineData(0, 0)]
    [InlineData(3, 1)]
    public void Without_a_common_version_the_link_is_refused(uint min, uint max)
    {
        Assert.Equal(ErrorCode.ProtocolVersion, Assert.Throws<ParleyException>(() => LinkVersions.Choose(min, max)).Code);
    }
}
